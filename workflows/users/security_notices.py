"""Notice: tells the owner of an account by mail what has happened to it. The event is the intent."""

from temporalio import workflow

from activities.users.security_notices import NoticeActivities, NoticeInput
from workflows.activity_options import STORE
from workflows.background import start_in_background
from workflows.delivery.mail import send_mail
from workflows.queues import Queue
from workflows.steps import run_inline_activity

SUMMARY = "Tells the owner of an account what has happened to it"


def notice_workflow_id(event_key: str) -> str:
    return f"notice/{event_key}"


def notice_input(event_id: str, event_key: str) -> NoticeInput:
    """The order of a notice, for who starts one from outside."""
    return NoticeInput(event_id, event_key)


@workflow.defn(name="Notice")
class Notice:
    @workflow.run
    async def run(self, input: NoticeInput) -> None:
        """Order the mail, then close the intent. Done twice it is one mail."""
        mail = await run_inline_activity(NoticeActivities.write, input, STORE)
        if mail:
            await send_mail(mail)
        await run_inline_activity(NoticeActivities.close, input.event_id, STORE)


async def start_notice(input: NoticeInput) -> None:
    """Start the notice as a workflow of its own. Safe to call twice."""
    await start_in_background(
        Notice.run, input, workflow_id=notice_workflow_id(input.event_key), queue=Queue.IDENTITY, summary=SUMMARY
    )
