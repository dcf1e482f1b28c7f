"""A journal whose oldest part is missing is intact only if that was dropped for its age."""

from activities.operations.audit_verify import Verified
from domain.journal.chain import Link
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
    await journal.database["journal"].delete_many({"seq": {"$lte": FIRST_SIGNED}})
    await rewrite_after_drop(journal)
    assert (await journal.verify()).first_broken == 6


async def rewrite_after_drop(journal: CheckedJournal) -> None:
    """Give the oldest entry that is left another past."""
    entry = (await all_entries(journal))[0]
    renewed = append_again(Link(FIRST_SIGNED, "00" * 32), entry)
    await set_fields(journal, 6, prev=renewed.prev, hash=renewed.hash)
