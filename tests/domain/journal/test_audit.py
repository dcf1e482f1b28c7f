"""What may be searched for in the journal, and what is recorded of a search."""

from datetime import UTC, datetime

import pytest

from domain.errors import InvalidInput
from domain.journal.audit import AuditFilter, describe_filter, find_types, parse_entry_cursor
from domain.journal.occurrences import OccurrenceType
from domain.paging import Cursor, format_cursor

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
USER_ID = "65e1a0c4f1d2b3a4c5d6e7f8"


def test_exact_type_is_itself() -> None:
    assert find_types("user.login") == [OccurrenceType.USER_LOGIN]


def test_noun_stands_for_all_its_types_and_for_no_noun_that_begins_alike() -> None:
    assert set(find_types("session.*")) == {OccurrenceType.SESSION_REVOKED}
    assert {OccurrenceType.USER_LOGIN, OccurrenceType.USER_DELETED} <= set(find_types("user.*"))


@pytest.mark.parametrize("typed", ["", "*", ".*", "user", "user.", "user.*.*", "USER.LOGIN", "use*", "ghost.*", "u.*"])
def test_unknown_type_is_none(typed: str) -> None:
    assert find_types(typed) == []


def test_cursor_is_read_as_it_was_written() -> None:
    cursor = Cursor(AT, "4711")

    assert parse_entry_cursor(format_cursor(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "4711", "1-", "-1", "1-x", "1-1-1", " 1-1", "1" * 15 + "-1", "1-" + "1" * 16])
def test_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_entry_cursor(text)


def test_record_of_a_search_says_what_was_asked_for() -> None:
    asked = AuditFilter(USER_ID, USER_ID, "user.*", "a-request", "mail/x", AT, AT)

    assert describe_filter(asked) == {
        "actor": USER_ID,
        "subject": USER_ID,
        "type": "user.*",
        "request_id": "a-request",
        "cause": "mail/x",
        "from": "2026-01-31T09:30:00.000Z",
        "to": "2026-01-31T09:30:00.000Z",
    }


def test_record_of_a_search_for_all_says_nothing() -> None:
    assert describe_filter(AuditFilter()) == {}


def test_record_of_a_search_holds_no_name_that_was_typed() -> None:
    assert describe_filter(AuditFilter(actor="maria.smith", subject="maria")) == {"actor": "other", "subject": "other"}
