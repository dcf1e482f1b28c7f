"""Consent: whether what a user says may be sent to models of others."""

from datetime import datetime

from domain.journal.occurrences import Occurrence, OccurrenceType, user_party


def consent_occurrence(occurrence_id: str, kind: OccurrenceType, user_id: str, at: datetime) -> Occurrence:
    """Return the occurrence of a consent that was given or withdrawn."""
    return Occurrence(occurrence_id, kind, at, actor=user_party(user_id), subject=user_party(user_id))
