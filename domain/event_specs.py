"""The specification of each kind of security event, collected from the areas."""

from collections.abc import Mapping, Sequence

from domain.accounts import security_events as accounts
from domain.auth import security_events as auth
from domain.flows import FlowState
from domain.journal.flow_ends import FlowEnd, flow_ended
from domain.journal.occurrences import Occurrence, OccurrenceType, user_party
from domain.users import security_events as users
from domain.users.security_events import EventKind, EventSpec, SecurityEvent

EVENT_SPECS: Mapping[EventKind, EventSpec] = {
    spec.kind: spec for spec in (*users.EVENTS, *auth.EVENTS, *accounts.EVENTS)
}

SUSPICIONS = (OccurrenceType.SECURITY_SUSPICIOUS_ACTIVITY, OccurrenceType.USER_LOGIN_ABANDONED)
PUBLIC_DETAILS = ("from", "to", "key", "scopes", "fields", "grant_id", "kind", "name", "until")
"""The roles before and after; an API key, its scopes and what was changed of it; what was granted. The other details
are the actor, and words of users.
"""


def event_spec(event: SecurityEvent) -> EventSpec:
    """Return the specification of the event's kind: severity, mail and notification. Raises KeyError without one."""
    return EVENT_SPECS[event.kind]


def event_occurrences(event: SecurityEvent) -> Sequence[Occurrence]:
    """Return what the event is in the journal: its own occurrence, and the end of the flow that it completes."""
    own = event_occurrence(event)
    if event.completes is None:
        return [own]
    return [own, flow_ended(FlowEnd(event.completes, FlowState.COMPLETED, event.at, event.user_id))]


def event_occurrence(event: SecurityEvent) -> Occurrence:
    """Return the occurrence that the event is in the journal, under the event's own id.

    Of a suspicion it is not known who acted.
    """
    kind = event_spec(event).occurrence
    words = {"device": event.device, "network": event.address_prefix, "app": event.details.get("app")}
    known = {name: word for name, word in words.items() if word is not None}
    reason = {"reason": event.details["reason"]} if "reason" in event.details else {}
    is_suspicion = kind in SUSPICIONS
    return Occurrence(
        occurrence_id=event.event_id,
        type=kind,
        at=event.at,
        actor=None if is_suspicion else event.actor,
        subject=user_party(event.user_id),
        public={name: fact for name, fact in event.details.items() if name in PUBLIC_DETAILS},
        actor_words={} if is_suspicion else known,
        subject_words=known if is_suspicion else reason,
    )
