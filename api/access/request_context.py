"""Time and client network of a request: the fields that all its security events share."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import Request

from adapters.crypto.keyed_hashes import KeyedHashes
from domain.client_network import client_network
from domain.users.security_events import EventKind, SecurityEvent


def current_time() -> datetime:
    """Return the current time, as `to_millisecond` does."""
    return to_millisecond(datetime.now(UTC))


def network_of(request: Request) -> str:
    """Return the network of the client: a prefix of its address."""
    return client_network(request.client.host if request.client else "")


def to_millisecond(moment: datetime) -> datetime:
    """Return the time in UTC, cut to the millisecond as in MongoDB, so that a response equals a later read."""
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class RequestContext:
    """Time and origin of a request. `client_network`: the prefix of the client's address, never the whole address."""

    now: datetime
    client_network: str
    hashes: KeyedHashes

    def new_event(
        self, kind: EventKind, user_id: str, *, device: str | None, effect_key: str | None = None
    ) -> SecurityEvent:
        """Return a security event of this request, not yet recorded. `device`: the client's own description.

        `effect_key` identifies an effect that happens once: its event id is derived, so repeats yield the same event.
        """
        event_id = self.hashes.derive_object_id(effect_key, "event") if effect_key else self.hashes.new_object_id()
        return SecurityEvent(event_id, user_id, kind, self.now, device, self.client_network)
