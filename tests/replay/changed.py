"""A workflow that was changed without care: histories of before no longer fit it."""

from temporalio import workflow

from activities.mail import MailActivities, MailOrder
from domain.mail import MailState
from workflows.options import MAIL, STORE
from workflows.steps import quick_step, step


@workflow.defn(name="Mail")
class MailThatSendsFirst:
    @workflow.run
    async def run(self, order: MailOrder) -> MailState:
        """Sends before it records; the real one records before it sends."""
        state = await step(MailActivities.send, order, MAIL)
        await quick_step(MailActivities.record, order, STORE)
        return state
