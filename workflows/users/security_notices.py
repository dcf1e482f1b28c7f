"""Notice: mail the owner of an account about a security event. The stored event is the intent."""

from temporalio import workflow

from activities.users.security_notices import NoticeActivities, NoticeInput
from workflows.activity_options import FIRST_TRY, STORE
from workflows.background import start_in_background
from workflows.delivery.mail import send_mail
from workflows.queues import Queue
from workflows.steps import run_inline_activity, try_activity

SUMMARY = "Tells the owner of an account what has happened to it"


def notice_workflow_id(event_key: str) -> str:
    """Return the workflow id of an event's notice; `event_key` is the keyed hash of the event id."""
    return f"notice/{event_key}"


def notice_input(event_id: str, event_key: str) -> NoticeInput:
    """Return the input of a notice, for callers outside the workflows."""
    return NoticeInput(event_id, event_key)


@workflow.defn(name="Notice")
class Notice:
    """The notice of one security event, by mail."""

    @workflow.run
    async def run(self, input: NoticeInput) -> None:
        """Start the mail, then close the intent. A repeat is the same mail."""
        mail = await run_inline_activity(NoticeActivities.write, input, STORE)
        if mail:
            await send_mail(mail)
        await run_inline_activity(NoticeActivities.close, input.event_id, STORE)


async def deliver_notice(input: NoticeInput) -> None:
    """Try once to send the notice, as an activity of the running flow; hand it over to its own workflow otherwise."""
    settled = await try_activity(NoticeActivities.deliver, input, FIRST_TRY)
    if settled is None:
        await start_notice(input)


async def start_notice(input: NoticeInput) -> None:
    """Start the notice as its own workflow. Idempotent."""
    await start_in_background(
        Notice.run, input, workflow_id=notice_workflow_id(input.event_key), queue=Queue.IDENTITY, summary=SUMMARY
    )
