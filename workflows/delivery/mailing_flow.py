"""The base of flows that send their mails themselves and close after the first try of the last one."""

import asyncio
from typing import ClassVar

from temporalio import workflow

from activities.delivery.mail import MailInput
from domain.codes import CodePurpose
from domain.flow_progress import FlowProgress
from domain.flows import FlowView
from workflows.code_flow import CodeFlow
from workflows.delivery.mail import deliver_mail, send_mail
from workflows.flows import close_flow, close_flow_before

ONE_WORKFLOW = "one-workflow"
"""A flow with this patch does its steps and its mails itself (docs/decisions/0050). One that began before it goes on by
the functions whose names end in `_before`. They and the patch can be removed on 2027-03-01.
"""


class MailingFlow(CodeFlow):
    """A flow that sends mails while it goes on. `can_be_signalled`: whether other flows signal this one."""

    can_be_signalled: ClassVar[bool] = False

    def __init__(self, flow: FlowProgress, purpose: CodePurpose, *, key_id: str, locale: str) -> None:
        super().__init__(flow, purpose, key_id=key_id, locale=locale)
        self._is_one_workflow = workflow.patched(ONE_WORKFLOW)
        self._mails: list[asyncio.Task[None]] = []
        self._user_id: str | None = None
        """The signed-in user whose flow it is: only they take its steps."""

    async def _send(self, mail: MailInput) -> None:
        """Deliver a mail while the flow goes on. A flow of before waits until the mail's workflow has started."""
        if self._is_one_workflow:
            self._mails.append(asyncio.create_task(deliver_mail(mail)))
        else:
            await send_mail(mail)

    async def _close(self) -> FlowView:
        """Close the flow once its mails are sent or handed over. Returns the final view."""
        await asyncio.gather(*self._mails)
        if not self._is_one_workflow:
            return await close_flow_before(self._flow)
        return await close_flow(self._flow, can_be_signalled=self.can_be_signalled, user_id=self._user_id)
