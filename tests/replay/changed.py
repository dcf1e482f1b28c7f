"""A workflow that was changed without care: histories of before no longer fit it."""

from temporalio import workflow

from activities.delivery.mail import MailActivities, MailOrder
from domain.delivery.mail import MailState
from workflows.activity_options import MAIL, STORE
from workflows.steps import quick_step, step


@workflow.defn(name="Mail")
class MailThatSendsFirst:
    @workflow.run
    async def run(self, order: MailOrder) -> MailState:
        """Sends before it records; the real one records before it sends."""
        state = await step(MailActivities.send, order, MAIL)
        await quick_step(MailActivities.record, order, STORE)
        return state
