"""The activities that send mails, and the message that describes one."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.codes import CodeIssue
from domain.delivery.mail import MailKind, MailState

if TYPE_CHECKING:
    from activities.delivery.deliveries import Deliveries


@dataclass(frozen=True)
class MailInput:
    """`key` identifies the mail. A code mail refers to its code by `code`; the code itself is derived when the mail
    is rendered. `give_up_at` ends the retries (without it the workflow does, after days): an expired code need not
    arrive. The mail of a decoy has an empty `recipient`: it takes the same steps and is not sent.
    """

    key: str
    kind: MailKind
    recipient: str
    variables: dict[str, str] = field(default_factory=dict)
    locale: str = "en"
    code: CodeIssue | None = None
    give_up_at: datetime | None = None


class MailActivities:
    """Activities of flows that send mails, and of the Mail workflow."""

    def __init__(self, deliveries: "Deliveries") -> None:
        self._deliveries = deliveries

    @activity.defn(name="mail.deliver")
    async def deliver(self, input: MailInput) -> MailState:
        """Record the mail and try once to send it. Returns its state, a final one; raises what a retry may solve."""
        return await self._deliveries.try_once(input)

    @activity.defn(name="mail.record")
    async def record(self, input: MailInput) -> MailState:
        """Create the mail's record. Returns its state."""
        return await self._deliveries.record(input)

    @activity.defn(name="mail.send")
    async def send(self, input: MailInput) -> MailState:
        """Send the mail unless it was sent. Returns its state; raises what a retry may solve."""
        return await self._deliveries.send(input)

    @activity.defn(name="mail.give_up")
    async def give_up(self, mail_key: str) -> MailState:
        """Record the mail as failed after its deadline, unless it was sent. Returns its state."""
        return await self._deliveries.give_up(mail_key)
