"""A mail of a flow is tried once by the flow itself. What that leaves open, and any mail that no flow waits for, is a
Mail: one workflow and one record per mail, which ends with the mail server's answer.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError

from activities.delivery.mail import MailActivities, MailInput
from domain.delivery.mail import MailState
from workflows.activity_options import CODE_MAIL, FIRST_TRY, MAIL, STORE
from workflows.background import start_in_background
from workflows.queues import Queue
from workflows.search_attributes import subject_of_parent
from workflows.steps import run_activity, run_inline_activity, try_activity

MAIL_TTL = timedelta(days=5)
"""The time of a mail without `give_up_at`: RFC 5321 §4.5.4.1 asks for four to five days at least."""


def mail_workflow_id(mail_key: str) -> str:
    """Return the workflow id of the mail with this key."""
    return f"mail/{mail_key}"


@workflow.defn(name="Mail")
class Mail:
    """One mail, retried until it is accepted, bounces, or its time is over. Returns its final state."""

    @workflow.run
    async def run(self, input: MailInput) -> MailState:
        """Record the mail and send it until `give_up_at`, or for MAIL_TTL; then it has failed.

        Mails from before MAIL_TTL replay with it: a time-out changes no command.
        """
        state = await run_inline_activity(MailActivities.record, input, STORE)
        if state.is_final:
            return state
        try:
            options = CODE_MAIL if input.code else MAIL
            give_up_at = input.give_up_at or workflow.now() + MAIL_TTL
            return await run_activity(MailActivities.send, input, options, give_up_at=give_up_at)
        except ActivityError:
            workflow.logger.warning("mail given up")
            return await run_activity(MailActivities.give_up, input.key, STORE)


async def deliver_mail(input: MailInput) -> None:
    """Try a mail once, as an activity of the running flow; hand it over to its own workflow unless that settled it.

    Ends with the attempt, within seconds. A record that says the mail is sent, as after a reset, is not tried again.
    """
    settled = await try_activity(MailActivities.deliver, input, FIRST_TRY, give_up_at=input.give_up_at)
    if settled is None:
        await send_mail(input)


async def send_mail(input: MailInput) -> None:
    """Start a mail as its own workflow. The same key twice is one mail, also after a reset."""
    await _start(input)


async def send_mail_and_wait(input: MailInput, *, give_up_at: datetime) -> MailState | None:
    """Start a mail and wait until the mail server has answered, or until `give_up_at`. Returns its final state; None
    when it was started before.
    """
    mail = await _start(replace(input, give_up_at=give_up_at))
    return await mail if mail else None


async def _start(input: MailInput) -> workflow.ChildWorkflowHandle[Mail, MailState] | None:
    """Start the mail's workflow. Returns None when it was started before."""
    return await start_in_background(
        Mail.run,
        input,
        workflow_id=mail_workflow_id(input.key),
        queue=Queue.MAIL,
        summary=f"Mail: {input.kind}",
        search_attributes=subject_of_parent(),
        reuse=WorkflowIDReusePolicy.REJECT_DUPLICATE,
    )
