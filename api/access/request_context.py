"""When and from where a request comes: what all security events that it causes have in common."""

from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.crypto.hashes import Hashes
from domain.users.security_events import EventKind, SecurityEvent


def moment() -> datetime:
    """Now, to the millisecond, as MongoDB keeps it: what is answered now is what is read later."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class Occasion:
    """`address_prefix`: the network the request came from, never the whole address."""

    now: datetime
    address_prefix: str
    hashes: Hashes

    def event(self, kind: EventKind, user_id: str, *, device: str | None, owner: str | None = None) -> SecurityEvent:
        """An event of this request, not recorded yet. `device`: the client's own description.

        `owner` names what can happen once only: it has one event, however often it is asked for.
        """
        event_id = self.hashes.object_id(owner, "event") if owner else self.hashes.new_object_id()
        return SecurityEvent(event_id, user_id, kind, self.now, device, self.address_prefix)
