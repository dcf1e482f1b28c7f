"""A workflow that was changed without care: histories of before no longer fit it."""

from temporalio import workflow

from activities.delivery.mail import MailActivities, MailInput
from domain.delivery.mail import MailState
from workflows.activity_options import MAIL, STORE
from workflows.steps import run_activity, run_inline_activity


@workflow.defn(name="Mail")
class MailThatSendsFirst:
    @workflow.run
    async def run(self, order: MailInput) -> MailState:
        """Sends before it records; the real one records before it sends."""
        state = await run_activity(MailActivities.send, order, MAIL)
        await run_inline_activity(MailActivities.record, order, STORE)
        return state
