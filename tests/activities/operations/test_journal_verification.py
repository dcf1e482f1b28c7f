"""A journal whose oldest part is missing is intact only if that was dropped for its age, before or meanwhile."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import pytest

from activities.operations.audit_verify import Verified
from adapters.mongo.journal import chain
from adapters.mongo.journal.chain import ChainStore, Linked
from adapters.mongo.journal.trim import TrimStore
from domain.journal.chain import Link
from domain.journal.verification import RETENTION
from tests.activities.operations.journals import (
    FIRST_SIGNED,
    SIGNED,
    CheckedJournal,
    all_entries,
    append_again,
    set_fields,
)


async def test_entries_dropped_up_to_a_checkpoint_leave_it_intact(journal: CheckedJournal) -> None:
    await journal.database["journal"].delete_many({"seq": {"$lte": FIRST_SIGNED}})
    assert await journal.verify() == Verified(ok=True, checked=6, checkpoints=1)


async def test_drop_under_way_leaves_it_intact(journal: CheckedJournal) -> None:
    await journal.database["journal"].delete_many({"seq": {"$lt": FIRST_SIGNED - 1}})
    assert await journal.verify() == Verified(ok=True, checked=8, checkpoints=2)


async def test_reason_names_the_oldest_that_is_left_of_those_dropped_too_early(journal: CheckedJournal) -> None:
    await journal.database["journal"].delete_many({"seq": {"$lte": SIGNED}})
    found = await journal.verify()
    assert found.reason == f"entries before {SIGNED + 1} are missing, and were not old enough"


async def test_oldest_entry_that_does_not_follow_the_checkpoint_is_named(journal: CheckedJournal) -> None:
    await rewrite_after_first_signed(journal)
    await journal.database["journal"].delete_many({"seq": {"$lte": FIRST_SIGNED}})
    assert (await journal.verify()).first_broken == 6


async def rewrite_after_first_signed(journal: CheckedJournal) -> None:
    """Give the entry after the first checkpoint another past."""
    entry = (await all_entries(journal))[FIRST_SIGNED]
    renewed = append_again(Link(FIRST_SIGNED, "00" * 32), entry)
    await set_fields(journal, entry.seq, prev=renewed.prev, hash=renewed.hash)


class InterruptedChain(ChainStore):
    """Lets something happen each time that some entries were read, and that the oldest was looked for."""

    def __init__(self, journal: CheckedJournal, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__(journal.database)
        self._meanwhile = meanwhile

    async def find_first(self) -> int | None:
        first = await super().find_first()
        await self._meanwhile()
        return first

    async def read(self, after: int, last: int) -> AsyncIterator[Sequence[Linked]]:
        async for entries in super().read(after, last):
            yield entries
            await self._meanwhile()


async def verify_while(
    journal: CheckedJournal, meanwhile: Callable[[], Awaitable[object]], monkeypatch: pytest.MonkeyPatch
) -> Verified:
    """Verify by two entries at a time, with this after each of them. Without its index all are sorted at first."""
    await journal.make_indexes()
    monkeypatch.setattr(chain, "DOCUMENTS_AT_ONCE", 2)
    journal.verifying = journal.verifying_by(InterruptedChain(journal, meanwhile))
    return await journal.verify()


async def drop_old(journal: CheckedJournal, at_once: int) -> None:
    await TrimStore(journal.database).drop_oldest(datetime.now(UTC) - RETENTION, limit=at_once)


@pytest.mark.parametrize(("at_once", "checked"), [(1, 11), (3, 8), (5, 8)])
async def test_entries_dropped_during_a_verification_leave_it_intact(
    journal: CheckedJournal, monkeypatch: pytest.MonkeyPatch, at_once: int, checked: int
) -> None:
    found = await verify_while(journal, partial(drop_old, journal, at_once), monkeypatch)

    assert (found.ok, found.checked) == (True, checked)


async def test_entry_with_another_past_is_named_though_all_before_it_are_dropped_meanwhile(
    journal: CheckedJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rewrite_after_first_signed(journal)

    found = await verify_while(journal, partial(drop_old, journal, FIRST_SIGNED), monkeypatch)

    assert found.first_broken == FIRST_SIGNED + 1


async def test_entries_deleted_too_early_during_a_verification_are_named(
    journal: CheckedJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def delete() -> None:
        await journal.database["journal"].delete_many({"seq": {"$lte": SIGNED}})

    found = await verify_while(journal, delete, monkeypatch)

    assert (found.first_broken, found.reason) == (3, "entries before 10 are missing, and were not old enough")


async def test_gap_is_named_though_older_entries_are_dropped_meanwhile(
    journal: CheckedJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal.database["journal"].delete_one({"seq": 8})

    found = await verify_while(journal, partial(drop_old, journal, 3), monkeypatch)

    assert (found.first_broken, found.reason) == (8, "it is missing")
