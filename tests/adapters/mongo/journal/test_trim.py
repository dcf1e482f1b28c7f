"""What is dropped is old and has a checkpoint after it; what is left verifies from there."""

from datetime import datetime, timedelta

import pytest

from adapters.mongo.journal.trim import TrimStore
from domain.journal.chain import Link
from domain.journal.entries import is_next
from tests.support.journal import AT, OwnJournal


async def checkpoint(own: OwnJournal, seq: int, at: datetime) -> Link:
    """Let the entry with this number be a checkpoint."""
    (entry,) = await own.journal.list_after(seq - 1, limit=1)
    await own.database["journal_checkpoints"].insert_one({"seq": seq, "hash": entry.hash, "at": at})
    return entry.link


async def test_entries_up_to_the_last_old_checkpoint_go_and_it_stays(own: OwnJournal) -> None:
    await own.record(9)
    await own.number_all()
    await checkpoint(own, 3, AT - timedelta(days=2))
    last = await checkpoint(own, 5, AT - timedelta(days=1))
    await checkpoint(own, 8, AT)

    dropped = [await TrimStore(own.database).drop_oldest(AT, limit=3) for _ in range(3)]

    first = (await own.journal.list_after(0, limit=1))[0]
    assert dropped == [3, 2, 0]
    assert is_next(first, last)
    assert await own.database["journal_checkpoints"].count_documents({}) == 3


@pytest.mark.parametrize("at", [AT, AT + timedelta(days=1)])
async def test_nothing_goes_without_an_old_checkpoint(own: OwnJournal, at: datetime) -> None:
    await own.record(3)
    await own.number_all()
    await checkpoint(own, 2, at)

    assert await TrimStore(own.database).drop_oldest(AT, limit=10) == 0


async def test_numbers_go_on_after_all_entries_went(own: OwnJournal) -> None:
    await own.record()
    await own.number_all()
    await checkpoint(own, 2, AT - timedelta(days=1))
    await TrimStore(own.database).drop_oldest(AT, limit=10)
    await own.record()

    await own.another_numbering().number(AT)

    assert [entry.seq for entry in await own.journal.list_after(0, limit=10)] == [3]
