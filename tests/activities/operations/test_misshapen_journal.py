"""What was written into the journal by hand, in shapes that we never write, is found like any other tampering."""

import math
import secrets
from datetime import UTC, datetime

import pytest
from bson import Decimal128, ObjectId

from tests.activities.operations.journals import FIRST_SIGNED, NEWEST, SIGNED, CheckedJournal, anchor

ODD_NUMBERS = [
    0,
    -1,
    NEWEST + 0.5,
    2.5,
    math.nan,
    math.inf,
    -math.inf,
    2**60,
    Decimal128("2"),
    Decimal128("NaN"),
    Decimal128("1E+4"),
    "4",
    None,
    True,
    [3.5],
    [99],
    [],
]


@pytest.mark.parametrize("seq", ODD_NUMBERS, ids=repr)
async def test_entry_outside_of_the_chain_is_found(journal: CheckedJournal, seq: object) -> None:
    entries = journal.database["journal"]
    entry = await entries.find_one({"seq": 1})
    assert entry
    await entries.insert_one({**entry, "_id": ObjectId(), "seq": seq})

    found = await journal.verify()

    assert not found.ok
    assert isinstance(found.first_broken, int)
    assert found.first_broken >= 1


@pytest.mark.parametrize(
    "edited",
    [
        {"at": 5},
        {"seq": "x"},
        {"seq": None},
        {"seq": math.nan},
        {"seq": True},
        {"hash": ""},
        {"hash": None},
        {"hash": 5},
    ],
    ids=repr,
)
async def test_misshapen_head_is_found(journal: CheckedJournal, edited: dict[str, object]) -> None:
    await journal.database["journal_head"].update_one({}, {"$set": edited})
    found = await journal.verify()
    assert (found.ok, found.first_broken) == (False, NEWEST)


@pytest.mark.parametrize("field", ["seq", "hash"])
async def test_head_without_a_field_is_found(journal: CheckedJournal, field: str) -> None:
    await journal.database["journal_head"].update_one({}, {"$unset": {field: ""}})
    found = await journal.verify()
    assert (found.ok, found.first_broken) == (False, NEWEST)


@pytest.mark.parametrize("seq", ["x", None, 0, -1, math.nan, math.inf, 7.5, True, [7]], ids=repr)
async def test_checkpoint_that_lost_its_number_is_found(journal: CheckedJournal, seq: object) -> None:
    await journal.database["journal_checkpoints"].update_one({"seq": SIGNED}, {"$set": {"seq": seq}})
    found = await journal.verify()
    assert (found.ok, found.first_broken) == (False, SIGNED)


@pytest.mark.parametrize("seq", ["x", None, 0, math.inf, 7.5, [7]], ids=repr)
async def test_foreign_checkpoint_without_a_number_is_found(journal: CheckedJournal, seq: object) -> None:
    await journal.database["journal_checkpoints"].insert_one({"seq": seq, "token": secrets.token_hex(4)})
    found = await journal.verify()
    assert (found.ok, found.first_broken) == (False, NEWEST + 1)


@pytest.mark.parametrize("at", [datetime(2026, 1, 1, tzinfo=UTC), None, "today"], ids=repr)
async def test_checkpoint_of_another_moment_is_found(journal: CheckedJournal, at: object) -> None:
    await journal.database["journal_checkpoints"].update_one({"seq": FIRST_SIGNED}, {"$set": {"at": at}})
    found = await journal.verify()
    assert (found.ok, found.first_broken) == (False, FIRST_SIGNED)


@pytest.mark.parametrize("seq", ["x", math.inf], ids=repr)
async def test_foreign_checkpoint_does_not_end_the_signing(journal: CheckedJournal, seq: object) -> None:
    await journal.database["journal_checkpoints"].insert_one({"seq": seq})
    await anchor(journal)
    newest = await journal.checkpoints.find_newest()
    assert newest
    assert newest.seq == NEWEST


async def test_misshapen_checkpoints_can_be_listed(journal: CheckedJournal) -> None:
    change = {"$set": {"seq": "x"}, "$unset": {"token": ""}}
    await journal.database["journal_checkpoints"].update_one({"seq": FIRST_SIGNED}, change)
    fields = {"hash": None, "at": None, "key_id": 5, "anchors": [1]}
    await journal.database["journal_checkpoints"].update_one({"seq": SIGNED}, {"$set": fields})

    listed = await journal.checkpoints.list_newest(None, limit=10)

    assert [(each.seq, each.anchors) for each in listed] == [(SIGNED, {})]
