"""Consent is asked for where a model is not our own, and the journal says who gave it."""

from dataclasses import replace
from datetime import UTC, datetime

from domain.assistant.consents import consent_occurrence, is_consent_needed
from domain.assistant.language_models import MOCK
from domain.journal.occurrences import OccurrenceType

OTHERS = replace(MOCK, is_external=True)
USER_ID = "65e1a0c4f1d2b3a4c5d6e7f8"


def test_consent_is_needed_as_soon_as_one_model_is_external() -> None:
    assert [is_consent_needed(models) for models in ([], [MOCK], [MOCK, OTHERS])] == [False, False, True]


def test_occurrence_is_the_users_own() -> None:
    kind = OccurrenceType.CONSENT_GIVEN

    occurrence = consent_occurrence("0" * 24, kind, USER_ID, datetime(2026, 3, 1, tzinfo=UTC))

    assert (occurrence.type, occurrence.actor, occurrence.subject) == (kind, occurrence.subject, occurrence.actor)
    assert occurrence.actor is not None
    assert occurrence.actor.id == USER_ID
