"""Mail: one workflow and one record per mail; it ends when the mail server has spoken."""

from dataclasses import replace
from datetime import datetime

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError

from activities.delivery.mail import MailActivities, MailOrder
from domain.delivery.mail import MailState
from workflows.activity_options import CODE_MAIL, MAIL, STORE
from workflows.background import start_in_background
from workflows.queues import Queue
from workflows.search_attributes import subject_of_parent
from workflows.steps import quick_step, step


def mail_id(key: str) -> str:
    return f"mail/{key}"


@workflow.defn(name="Mail")
class Mail:
    @workflow.run
    async def run(self, order: MailOrder) -> MailState:
        """Record, hand over, and say what became of it. A mail without a deadline is never given up."""
        state = await quick_step(MailActivities.record, order, STORE)
        if state.is_final:
            return state
        try:
            preset = CODE_MAIL if order.code else MAIL
            return await step(MailActivities.send, order, preset, give_up_at=order.give_up_at)
        except ActivityError:
            workflow.logger.warning("mail given up")
            return await step(MailActivities.give_up, order.key, STORE)


async def post(order: MailOrder) -> None:
    """Start a mail as a workflow of its own. The same key twice is one mail, also after a reset."""
    await _start(order)


async def deliver(order: MailOrder, *, give_up_at: datetime) -> None:
    """The same, and wait until the mail server has spoken, or until the mail is given up."""
    mail = await _start(replace(order, give_up_at=give_up_at))
    if mail:
        await mail


async def _start(order: MailOrder) -> workflow.ChildWorkflowHandle[Mail, MailState] | None:
    """None when it was started before."""
    return await start_in_background(
        Mail.run,
        order,
        workflow_id=mail_id(order.key),
        queue=Queue.MAIL,
        summary=f"Mail: {order.kind}",
        search_attributes=subject_of_parent(),
        reuse=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )
