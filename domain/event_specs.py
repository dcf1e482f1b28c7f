"""What is fixed for each kind of security event, put together from the areas."""

from collections.abc import Mapping

from domain.accounts import security_events as accounts
from domain.auth import security_events as auth
from domain.users import security_events as users
from domain.users.security_events import EventKind, EventSpec, SecurityEvent

EVENT_SPECS: Mapping[EventKind, EventSpec] = {
    spec.kind: spec for spec in (*users.EVENTS, *auth.EVENTS, *accounts.EVENTS)
}


def event_spec(event: SecurityEvent) -> EventSpec:
    """What is fixed for an event of this kind: severity, mail, notification."""
    return EVENT_SPECS[event.kind]
