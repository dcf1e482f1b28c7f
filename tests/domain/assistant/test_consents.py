"""The journal says who gave a consent."""

from datetime import UTC, datetime

from domain.assistant.consents import consent_occurrence
from domain.journal.occurrences import OccurrenceType

USER_ID = "65e1a0c4f1d2b3a4c5d6e7f8"


def test_occurrence_is_the_users_own() -> None:
    kind = OccurrenceType.CONSENT_GIVEN

    occurrence = consent_occurrence("0" * 24, kind, USER_ID, datetime(2026, 3, 1, tzinfo=UTC))

    assert (occurrence.type, occurrence.actor, occurrence.subject) == (kind, occurrence.subject, occurrence.actor)
    assert occurrence.actor is not None
    assert occurrence.actor.id == USER_ID
