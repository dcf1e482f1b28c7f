"""The part of a flow that sends its mails and closes after the first try of the last one."""

import asyncio
from typing import ClassVar

from activities.delivery.mail import MailInput
from domain.flows import FlowView
from workflows.code_flow import CodeFlow
from workflows.delivery.mail import deliver_mail, send_mail
from workflows.flows import close_flow, close_flow_before


class MailingFlow(CodeFlow):
    """A flow that sends mails while it goes on. `can_be_signalled`: whether other flows signal this one."""

    can_be_signalled: ClassVar[bool] = False

    async def _send(self, mail: MailInput) -> None:
        """Deliver a mail while the flow goes on. A flow of before waits until the mail's workflow has started."""
        if self._is_one_workflow:
            self._in_background(deliver_mail(mail))
        else:
            await send_mail(mail)

    async def _close(self) -> FlowView:
        """Close the flow once its mails are sent or handed over. Returns the final view."""
        await asyncio.gather(*self._background)
        if not self._is_one_workflow:
            return await close_flow_before(self._flow)
        return await close_flow(self._flow, can_be_signalled=self.can_be_signalled)
