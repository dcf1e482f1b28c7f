"""Consent: whether what a user says may be sent to models of others."""

from collections.abc import Sequence
from datetime import datetime

from domain.assistant.language_models import ModelFacts
from domain.journal.occurrences import Occurrence, OccurrenceType, user_party


def is_consent_needed(models: Sequence[ModelFacts]) -> bool:
    """Whether any of the models that may be asked is not our own."""
    return any(model.is_external for model in models)


def consent_occurrence(occurrence_id: str, kind: OccurrenceType, user_id: str, at: datetime) -> Occurrence:
    """Return the occurrence of a consent that was given or withdrawn."""
    return Occurrence(occurrence_id, kind, at, actor=user_party(user_id), subject=user_party(user_id))
