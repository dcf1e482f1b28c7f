"""The sweep's part in chats, on a database of the test's own."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.assistant.turns import TurnsInput
from activities.operations import chat_upkeep
from activities.operations.chat_upkeep import ChatUpkeepActivities
from activities.operations.sweep import FindIntents
from adapters.mongo.assistant.upkeep import ChatUpkeepStore
from adapters.mongo.client import Database
from adapters.resources import Resources

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
TEN_SECONDS_AGO = NOW - timedelta(seconds=10)


@pytest.fixture
def activities(database: Database, resources: Resources) -> ChatUpkeepActivities:
    return ChatUpkeepActivities(ChatUpkeepStore(database, resources.assistant.askers), resources.hashes)


async def wait(database: Database, *ages: float, state: str = "queued") -> list[str]:
    """Insert chats with a turn each that waits since so many seconds. Return the ids of the chats."""
    chats = [ObjectId() for _ in ages]
    turns = [
        {"chat_id": chat, "number": 1, "state": state, "open_since": NOW - timedelta(seconds=age)}
        for chat, age in zip(chats, ages, strict=True)
    ]
    await database["turns"].insert_many(turns)
    return list(map(str, chats))


async def test_chats_of_old_turns_are_found_the_oldest_first(
    environment: ActivityEnvironment, activities: ChatUpkeepActivities, database: Database, resources: Resources
) -> None:
    chats = await wait(database, 11, 9, 60)
    await wait(database, 60, state="running")

    found = await environment.run(activities.find_waiting, FindIntents(TEN_SECONDS_AGO, NOW))

    assert found == [TurnsInput(chat, resources.hashes.workflow_key(chat)) for chat in (chats[2], chats[0])]


async def test_words_are_dropped_so_many_chats_at_a_time(
    environment: ActivityEnvironment,
    activities: ChatUpkeepActivities,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chat_upkeep, "MAX_CHATS", 2)
    due = [{"delete_at": NOW, "ended_reason": None, "title": "sealed"} for _ in range(3)]
    await database["chats"].insert_many([*due, {"delete_at": NOW + timedelta(seconds=1), "ended_reason": None}])

    dropped = [await environment.run(activities.drop_words, NOW) for _ in range(3)]

    assert dropped == [2, 1, 0]
    assert await database["chats"].count_documents({"gone_at": NOW, "title": {"$exists": False}}) == 3
