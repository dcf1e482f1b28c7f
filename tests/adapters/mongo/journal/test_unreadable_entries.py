"""Entries that were edited into shapes in which none is written are read as such, and hold up no other."""

import math
from collections.abc import Iterable, Mapping

import pytest
from bson import DatetimeMS, Decimal128, ObjectId

from adapters.mongo.journal.audit import AuditStore
from adapters.mongo.journal.subject_words import SubjectWords
from domain.journal.audit import AuditEntry, AuditFilter, parse_entry_cursor
from domain.journal.chain import NO_HASH, BrokenHead
from domain.journal.entries import NO_TIME, UNREADABLE, Entry
from domain.journal.occurrences import user_party
from domain.paging import PageRequest
from tests.support.journal import AT, OwnJournal

EDITS: Mapping[str, Mapping[str, object]] = {
    "type is a number": {"type": 5},
    "type is null": {"type": None},
    "time is a text": {"at": "2026-01-31"},
    "time is in no year": {"at": DatetimeMS(2**60)},
    "party is a text": {"actor": "maria"},
    "party has no kind": {"subject": {"id": "maria"}},
    "kind is a number": {"actor": {"kind": 5, "id": "maria"}},
    "request is a number": {"request_id": 5},
    "request is zero": {"request_id": 0},
    "key is zero": {"actor": {"kind": "user", "id": "maria", "key_id": 0}},
    "cause is a list": {"cause": ["a", "b"]},
    "fact is a fraction": {"public": {"n": 1.5}},
    "fact is nested": {"public": {"n": {"m": 1}}},
    "facts are a list": {"public": [1]},
    "words are a text": {"sealed_subject": "words"},
    "number is a text": {"seq": "x"},
    "number is a fraction": {"seq": 2.5},
    "number is too large": {"seq": 10**15},
    "number is no number": {"seq": math.nan},
    "number is a decimal": {"seq": Decimal128("3.5")},
    "hash is a number": {"hash": 5},
    "hash before is null": {"prev": None},
}


@pytest.fixture
async def edited(own: OwnJournal) -> Mapping[str, str]:
    """The ids of the entries, by what was edited by hand. Behind each is one that was left alone."""
    await own.record(2 * len(EDITS))
    await own.number_all()
    entries = own.database["journal"]
    every_second = (await own.entries())[::2]
    ids = {name: entry.occurrence_id for name, entry in zip(EDITS, every_second, strict=True)}
    for name, edit in EDITS.items():
        await entries.update_one({"_id": ObjectId(ids[name])}, {"$set": edit})
    return ids


async def walk(audit: AuditStore) -> list[AuditEntry]:
    """All entries, page after page."""
    pages = [await audit.list_page(AuditFilter(), PageRequest(2))]
    while cursor := pages[-1].next_cursor:
        pages.append(await audit.list_page(AuditFilter(), PageRequest(2, after=parse_entry_cursor(cursor))))
    return [entry for page in pages for entry in page.entries]


def edits_of(field: str) -> set[str]:
    return {name for name, edit in EDITS.items() if field in edit}


def whole(entries: Iterable[Entry]) -> list[int]:
    return [entry.seq for entry in entries if entry.type != UNREADABLE]


LEFT_ALONE = [1, *range(3, 3 + 2 * len(EDITS), 2)]


async def test_they_are_shown_by_number_and_time_alone(own: OwnJournal, edited: Mapping[str, str]) -> None:
    page = await AuditStore(own.database, own.keys).list_page(AuditFilter(), PageRequest(100))

    read = {each.entry.occurrence_id: each for each in page.entries}
    shown = {name: read[occurrence_id] for name, occurrence_id in edited.items()}
    assert {each.entry.type for each in shown.values()} == {UNREADABLE}
    assert {each.entry.hash for each in shown.values()} == {NO_HASH}
    assert [each.entry.public or each.actor_words or each.subject_words for each in shown.values()] == [{}] * len(EDITS)
    assert {name for name, each in shown.items() if each.entry.seq == 0} == edits_of("seq")
    assert {name for name, each in shown.items() if each.entry.at == NO_TIME} == edits_of("at")


@pytest.mark.usefixtures("edited")
async def test_walk_ends_and_meets_all_others_once(own: OwnJournal) -> None:
    walked = [each.entry for each in await walk(AuditStore(own.database, own.keys))]

    assert sorted(whole(walked)) == LEFT_ALONE


@pytest.mark.usefixtures("edited")
async def test_others_are_read_in_their_order(own: OwnJournal) -> None:
    assert whole(await own.journal.list_after(0, limit=100)) == LEFT_ALONE


async def test_it_is_in_the_export_of_its_person(own: OwnJournal) -> None:
    user = user_party(str(ObjectId()))
    await own.record(actor=user)
    await own.number_all()
    await own.database["journal"].update_one({"seq": 2}, {"$set": {"public": {"n": 1.5}}})

    rows = [row async for row in SubjectWords(own.database, own.keys).rows(user.id)]

    assert [(row["seq"], row["type"], row["as"]) for row in rows] == [(2, UNREADABLE, [])]


@pytest.mark.parametrize("edit", [{"seq": "x"}, {"seq": True}, {"hash": None}, {"at": 5}], ids=str)
async def test_nothing_is_numbered_behind_a_broken_head_and_nothing_set_aside(
    own: OwnJournal, edit: dict[str, object]
) -> None:
    await own.record()
    await own.number_all()
    await own.database["journal_head"].update_one({}, {"$set": edit})
    await own.record(2)

    with pytest.raises(BrokenHead):
        await own.another_numbering().number(AT)

    assert await own.database["occurrences"].count_documents({"failed_at": None}) == 2
