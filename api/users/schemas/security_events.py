"""What happened to an account, as its owner sees it."""

from api.schemas.envelope import View
from api.schemas.fields import Timestamp
from api.schemas.paging import Meta
from domain.event_specs import event_spec
from domain.users.security_events import EventKind, SecurityEvent, Severity


class SecurityEventView(View):
    kind: EventKind
    severity: Severity
    at: Timestamp
    device: str | None
    address_prefix: str | None

    @classmethod
    def of(cls, event: SecurityEvent) -> "SecurityEventView":
        return cls(
            kind=event.kind,
            severity=event_spec(event).severity,
            at=event.at,
            device=event.device,
            address_prefix=event.address_prefix,
        )


class SecurityEventPage(View):
    events: list[SecurityEventView]
    meta: Meta
