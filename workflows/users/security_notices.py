"""Notice: tells the owner of an account by mail what has happened to it. The event is the intent."""

from temporalio import workflow

from activities.users.security_notices import NoticeActivities, NoticeOrder
from workflows.activity_options import STORE
from workflows.background import start_in_background
from workflows.delivery.mail import post
from workflows.queues import Queue
from workflows.steps import quick_step

SUMMARY = "Tells the owner of an account what has happened to it"


def notice_id(event_key: str) -> str:
    return f"notice/{event_key}"


def notice_of(event_id: str, event_key: str) -> NoticeOrder:
    """The order of a notice, for who starts one from outside."""
    return NoticeOrder(event_id, event_key)


@workflow.defn(name="Notice")
class Notice:
    @workflow.run
    async def run(self, order: NoticeOrder) -> None:
        """Order the mail, then close the intent. Done twice it is one mail."""
        mail = await quick_step(NoticeActivities.write, order, STORE)
        if mail:
            await post(mail)
        await quick_step(NoticeActivities.close, order.event_id, STORE)


async def tell_owner(order: NoticeOrder) -> None:
    """Start the notice as a workflow of its own. Safe to call twice."""
    await start_in_background(
        Notice.run, order, workflow_id=notice_id(order.event_key), queue=Queue.IDENTITY, summary=SUMMARY
    )
