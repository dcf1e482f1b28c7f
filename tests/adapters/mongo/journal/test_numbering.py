"""Whatever happens beside it, numbering leaves no gap, gives no number twice, and takes the oldest first."""

import asyncio
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from domain.journal.occurrences import MAX_NUMBERED, OccurrenceType
from tests.support.journal import AT, OwnJournal, occurrence

NOW = datetime(2026, 2, 1, tzinfo=UTC)

BROKEN = {
    "without a type": {"$unset": {"type": ""}},
    "time is a text": {"$set": {"at": "2026-01-31"}},
    "party is a text": {"$set": {"actor": "alice"}},
    "fact is a fraction": {"$set": {"public": {"n": 1.5}}},
    "words are a list": {"$set": {"actor_words": [1]}},
    "words of no party": {"$set": {"subject": None}},
}


async def test_first_entry_tells_that_the_journal_began(own: OwnJournal) -> None:
    await own.record()

    await own.number_all()

    first = (await own.journal.list_after(0, limit=1))[0]
    assert (first.seq, first.type) == (1, OccurrenceType.JOURNAL_BEGUN)


async def test_nothing_is_written_while_nothing_waits(own: OwnJournal) -> None:
    assert await own.numbering.number(NOW) == 0

    assert await own.journal.find_head() is None


async def test_occurrences_are_numbered_oldest_first_whatever_their_ids(own: OwnJournal) -> None:
    ids = await own.record(5)

    await own.number_all()

    entries = await own.entries()
    assert [entry.occurrence_id for entry in entries] == ids
    assert [entry.seq for entry in entries] == [2, 3, 4, 5, 6]
    assert await own.is_whole()


async def test_numbered_occurrence_waits_no_more(own: OwnJournal) -> None:
    await own.record(3)

    await own.number_all()

    assert await own.database["occurrences"].count_documents({}) == 0


async def test_more_than_one_batch_is_numbered_batch_by_batch(own: OwnJournal) -> None:
    await own.record(MAX_NUMBERED + 1)

    assert [await own.numbering.number(NOW) for _ in range(3)] == [MAX_NUMBERED, 1, 0]
    assert await own.is_whole()


async def test_occurrence_recorded_again_after_it_was_numbered_gets_no_second_number(own: OwnJournal) -> None:
    again, other = occurrence(), occurrence()
    await own.occurrences.record(again)
    await own.number_all()
    await own.occurrences.record(again)
    await own.occurrences.record(other)

    await own.number_all()

    assert [entry.occurrence_id for entry in await own.entries()] == [again.occurrence_id, other.occurrence_id]
    assert await own.database["occurrences"].count_documents({}) == 0


@pytest.mark.parametrize("edit", BROKEN.values(), ids=BROKEN)
async def test_broken_occurrence_is_set_aside_and_the_others_get_their_numbers(
    own: OwnJournal, edit: dict[str, object]
) -> None:
    broken, *whole = await own.record(3)
    await own.database["occurrences"].update_one({"_id": ObjectId(broken)}, edit)

    await own.number_all()

    assert [entry.occurrence_id for entry in await own.entries()] == whole
    assert await own.numbering.count_failed() == 1
    assert await own.is_whole()


async def test_oldest_that_waits_is_told(own: OwnJournal) -> None:
    await own.record(2)

    assert await own.numbering.find_oldest() == AT


@pytest.mark.parametrize(("writers", "count"), [(2, MAX_NUMBERED + 100), (200, 100)])
async def test_numbering_at_once_leaves_no_gap_and_gives_no_number_twice(
    own: OwnJournal, writers: int, count: int
) -> None:
    ids = await own.record(count)
    numberings = [own.another_numbering() for _ in range(writers)]

    # One that gives up, as it waits for a connection among so many, has written nothing.
    await asyncio.gather(*(each.number(NOW) for each in numberings), return_exceptions=True)
    await own.number_all()

    assert [entry.occurrence_id for entry in await own.entries()] == ids
    assert await own.is_whole()


async def test_process_with_an_old_head_goes_on_from_the_new_one(own: OwnJournal) -> None:
    other = own.another_numbering()
    await own.record()
    await own.number_all()
    await own.record()
    await other.number(NOW)
    await own.record()

    await own.number_all()

    assert [entry.seq for entry in await own.entries()] == [2, 3, 4]
    assert await own.is_whole()
