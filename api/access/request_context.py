"""When and from where a request comes: what all security events that it causes have in common."""

from dataclasses import dataclass
from datetime import UTC, datetime

from adapters.crypto.hashes import KeyedHashes
from domain.users.security_events import EventKind, SecurityEvent


def current_time() -> datetime:
    """Now, to the millisecond, as MongoDB keeps it: what is answered now is what is read later."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class RequestContext:
    """`client_network`: the network the request came from, never the whole address."""

    now: datetime
    client_network: str
    hashes: KeyedHashes

    def new_event(
        self, kind: EventKind, user_id: str, *, device: str | None, effect_key: str | None = None
    ) -> SecurityEvent:
        """An event of this request, not recorded yet. `device`: the client's own description.

        `effect_key` names what can happen once only: it has one event, however often it is asked for.
        """
        event_id = self.hashes.derive_object_id(effect_key, "event") if effect_key else self.hashes.new_object_id()
        return SecurityEvent(event_id, user_id, kind, self.now, device, self.client_network)
