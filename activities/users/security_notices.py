"""Builds the mail that notifies the account's owner of a security event, and closes the event's intent."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from temporalio import activity

from activities.delivery.mail import MailInput
from domain.delivery.mail import MailState
from domain.event_specs import event_spec
from domain.moments import written_minute
from domain.users.security_events import SecurityEvent
from domain.users.users import User

if TYPE_CHECKING:
    from activities.delivery.deliveries import Deliveries
    from adapters.mongo.users.security_events import SecurityEventStore
    from adapters.mongo.users.users import UserStore

UNKNOWN = "unknown"


@dataclass(frozen=True)
class NoticeInput:
    """`event_key`: the keyed hash of the event id, for workflow ids and Message-IDs."""

    event_id: str
    event_key: str


class NoticeActivities:
    """Activities of flows that end in a notice, and of the Notice workflow."""

    def __init__(self, events: "SecurityEventStore", users: "UserStore", deliveries: "Deliveries") -> None:
        self._events = events
        self._users = users
        self._deliveries = deliveries

    @activity.defn(name="notices.deliver")
    async def deliver(self, input: NoticeInput) -> MailState:
        """Try once to send the mail, then close the intent. Returns the mail's state, SUPPRESSED if there is none.

        Raises what a retry may solve; the intent is open then.
        """
        mail = await self.write(input)
        state = await self._deliveries.try_once(mail) if mail else MailState.SUPPRESSED
        await self.close(input.event_id)
        return state

    @activity.defn(name="notices.write")
    async def write(self, input: NoticeInput) -> MailInput | None:
        """Return the mail to the account's stored address; None without an account, or for an event without a mail."""
        event = await self._events.find(input.event_id)
        user = await self._users.find(event.user_id) if event else None
        kind = event_spec(event).mail if event else None
        if event is None or user is None or kind is None:
            return None
        return MailInput(
            key=f"notice.{input.event_key}",
            kind=kind,
            recipient=user.email_address,
            variables=_variables(event, user),
        )

    @activity.defn(name="notices.close")
    async def close(self, event_id: str) -> None:
        """Close the intent once the mail is sent or its workflow started."""
        await self._events.close_notice(event_id)


def _variables(event: SecurityEvent, user: User) -> dict[str, str]:
    return {
        "username": user.username,
        "event": event.kind,
        "at": written_minute(event.at),
        "device": event.device or UNKNOWN,
        "origin": event.address_prefix or UNKNOWN,
    }
