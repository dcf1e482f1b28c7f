"""Pages of the journal are read by index."""

from typing import Any

import pytest
from bson import ObjectId

from domain.journal.occurrences import OccurrenceType
from tests.support.journal import OwnJournal

NEWEST_FIRST = [("at", -1), ("seq", -1)]
BY_INDEX = {
    "request_at_seq": {"request_id": "a-request"},
    "actor_at_seq": {"actor.id": str(ObjectId())},
    "subject_at_seq": {"subject.id": str(ObjectId())},
    "type_at_seq": {"type": OccurrenceType.USER_LOGIN},
}


def stages(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(stages(plan["inputStage"]) if "inputStage" in plan else [])]


@pytest.mark.parametrize("index", BY_INDEX)
async def test_page_is_read_by_its_index(own: OwnJournal, index: str) -> None:
    await own.record(3)
    await own.number_all()

    plan = await own.database["journal"].find(BY_INDEX[index], sort=NEWEST_FIRST).explain()

    assert [stage["indexName"] for stage in stages(plan["queryPlanner"]["winningPlan"]) if "indexName" in stage] == [
        index
    ]


async def test_entries_come_page_by_page_in_order(own: OwnJournal) -> None:
    ids = await own.record(3)
    await own.number_all()

    pages = [await own.journal.list_after(seq, limit=2) for seq in (1, 3)]

    assert [[entry.occurrence_id for entry in page] for page in pages] == [ids[:2], ids[2:]]
