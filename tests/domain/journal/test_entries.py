"""Each entry is tied to the one before it: by number, by hash, and by what it tells."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.journal.chain import BEFORE_FIRST, Link
from domain.journal.entries import Content, Entry, NotCanonical, append, canonical, is_next
from domain.journal.json_objects import LARGEST_INTEGER
from domain.journal.occurrences import SYSTEM, OccurrenceType, Party, PartyKind, user_party

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
USER = user_party("a" * 24)
CONTENT = Content(
    occurrence_id="b" * 24,
    type=OccurrenceType.ROLE_ASSIGNED,
    at=AT,
    actor=SYSTEM,
    subject=USER,
    request_id="a-request",
    cause="a-workflow",
    public={"from": "user", "to": "editor"},
)
ENTRY = append(BEFORE_FIRST, CONTENT, sealed_actor=b"words", sealed_subject=b"others")

CHANGES = {
    "seq": {"seq": 2},
    "prev": {"prev": "1" * 64},
    "hash": {"hash": "1" * 64},
    "type": {"type": "role.created"},
    "at": {"at": datetime(2026, 1, 31, 9, 30, 0, 1_000, tzinfo=UTC)},
    "actor": {"actor": USER},
    "key of the actor": {"actor": replace(SYSTEM, key_id="a-key")},
    "subject": {"subject": None},
    "request": {"request_id": None},
    "cause": {"cause": None},
    "public": {"public": {}},
    "words of the actor": {"sealed_actor": None},
    "words of the subject": {"sealed_subject": b"other"},
}
NO_FACTS = {"float": 1.5, "bool": True, "list": [1], "object": {"a": 1}, "large": LARGEST_INTEGER + 1}


def test_entry_follows_the_link_that_it_was_appended_to() -> None:
    second = append(ENTRY.link, CONTENT)

    assert (ENTRY.seq, second.seq, second.prev) == (1, 2, ENTRY.hash)
    assert is_next(ENTRY, BEFORE_FIRST)
    assert is_next(second, ENTRY.link)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_change_of_any_field_is_seen(change: dict[str, object]) -> None:
    assert not is_next(replace(ENTRY, **change), BEFORE_FIRST)  # type: ignore[arg-type]


@pytest.mark.parametrize("link", [ENTRY.link, Link(0, "1" * 64)], ids=["other number", "other hash"])
def test_entry_follows_no_other_link(link: Link) -> None:
    assert not is_next(ENTRY, link)


def test_time_is_hashed_in_milliseconds_and_utc() -> None:
    assert canonical(ENTRY)["at"] == "2026-01-31T09:30:00.000Z"


@pytest.mark.parametrize("value", NO_FACTS.values(), ids=NO_FACTS)
def test_value_without_one_json_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        append(BEFORE_FIRST, replace(CONTENT, public={"fact": value}))  # type: ignore[dict-item]


def test_entry_edited_into_something_else_is_not_the_next() -> None:
    edited: Entry = replace(ENTRY, public={"fact": 1.5})  # type: ignore[dict-item]

    assert not is_next(edited, BEFORE_FIRST)


def test_party_whose_id_is_no_text_is_refused() -> None:
    with pytest.raises(NotCanonical):
        append(BEFORE_FIRST, replace(CONTENT, actor=Party(PartyKind.USER, 1)))  # type: ignore[arg-type]
