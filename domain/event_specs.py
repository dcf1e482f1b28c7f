"""The specification of each kind of security event, collected from the areas."""

from collections.abc import Mapping

from domain.accounts import security_events as accounts
from domain.auth import security_events as auth
from domain.users import security_events as users
from domain.users.security_events import EventKind, EventSpec, SecurityEvent

EVENT_SPECS: Mapping[EventKind, EventSpec] = {
    spec.kind: spec for spec in (*users.EVENTS, *auth.EVENTS, *accounts.EVENTS)
}


def event_spec(event: SecurityEvent) -> EventSpec:
    """Return the specification of the event's kind: severity, mail and notification. Raises KeyError without one."""
    return EVENT_SPECS[event.kind]
