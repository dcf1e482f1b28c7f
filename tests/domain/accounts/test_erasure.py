"""What the journal tells of an erased account."""

from datetime import UTC, datetime

from domain.accounts.erasure import account_deleted
from domain.journal.occurrences import OccurrenceType, user_party

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
USER_ID = "2" * 24


def test_deletion_names_the_user_by_id_alone() -> None:
    occurrence = account_deleted(USER_ID, AT)

    assert (occurrence.type, occurrence.actor) == (OccurrenceType.USER_DELETED, user_party(USER_ID))
    assert (occurrence.public, occurrence.actor_words, occurrence.subject_words) == ({}, {}, {})
