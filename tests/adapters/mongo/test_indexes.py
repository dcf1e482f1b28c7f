"""The indexes of MongoDB: made as declared, made again without harm, dropped once they are of no use, and refusing what
they are for.
"""

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from adapters.mongo.client import Database
from adapters.mongo.collection import Exempt
from adapters.mongo.schema import COLLECTIONS, ensure_indexes
from adapters.resources import Resources
from tests.support.builders import NOW

OTHERS = {
    "users": {"username_key": "other", "email_key": "other"},
    "wallets": {"address": "other"},
    "notifications": {"seq": "7", "dedupe_key": "other"},
}
"""Values of the other unique fields: they are not what the test is about."""


@pytest.fixture(scope="module")
async def indexed(resources: Resources) -> AsyncIterator[Database]:
    """A database of this file's own: making all indexes takes a second."""
    own = resources.clients.mongo[f"indexes_{secrets.token_hex(4)}"]
    await ensure_indexes(own)
    yield own
    await resources.clients.mongo.drop_database(own.name)


@pytest.fixture
async def database(indexed: Database) -> AsyncIterator[Database]:
    """Empty at first."""
    yield indexed
    for each in COLLECTIONS:
        await indexed[each.name].delete_many({})


async def made(database: Database) -> dict[str, Any]:
    return {name: await database[name].index_information() for name in await database.list_collection_names()}


async def test_every_declared_index_is_made(database: Database) -> None:
    found = await made(database)

    assert {name: set(indexes) - {"_id_"} for name, indexes in found.items()} == {
        each.name: {index.document["name"] for index in each.indexes}
        for each in COLLECTIONS
        if not isinstance(each.indexes, Exempt)
    }


async def test_making_them_twice_is_making_them_once(database: Database) -> None:
    before = await made(database)

    await ensure_indexes(database)

    assert await made(database) == before


@pytest.mark.parametrize(
    ("collection", "fields", "name"),
    [
        ("users", "role", "admins"),
        ("security_events", ["user_id", "at"], "user_at"),
        ("journal", "request_id", "request_id"),
    ],
)
async def test_index_of_an_earlier_release_goes_and_one_of_operators_stays(
    database: Database, collection: str, fields: str | list[str], name: str
) -> None:
    own = await database[collection].create_index("city", name="of operators")
    await database[collection].create_index(fields, name=name)

    await ensure_indexes(database)

    left = await database[collection].index_information()
    await database[collection].drop_index(own)
    assert (own in left, name in left) == (True, False)


@pytest.mark.defect(64)
@pytest.mark.parametrize(
    ("collection", "document"),
    [
        ("users", {"username_key": "alice"}),
        ("users", {"email_key": "alice@people.test"}),
        ("holds", {"key": "one"}),
        ("mails", {"key": "one"}),
        ("device_fingerprints", {"user_id": 1, "fingerprint_hashed": "one"}),
        ("wallets", {"address": "0x1"}),
        ("wallets", {"user_id": 1, "is_primary": True}),
        ("follower_snapshots", {"user_id": 1, "day": NOW, "chunk": 0}),
        ("inboxes", {"user_id": 1}),
        ("notifications", {"user_id": 1, "seq": 1}),
        ("notifications", {"user_id": 1, "dedupe_key": "one"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "/".join(value),
)
async def test_what_must_be_unique_is(database: Database, collection: str, document: dict[str, object]) -> None:
    other = OTHERS.get(collection, {})
    await database[collection].insert_one({**other, **document})

    with pytest.raises(DuplicateKeyError):
        await database[collection].insert_one({**{name: f"{value}2" for name, value in other.items()}, **document})


@pytest.mark.parametrize(
    ("collection", "index", "seconds"),
    [
        ("holds", "until_ttl", 0),
        ("idempotency", "expires_ttl", 0),
        ("sessions", "expires_ttl", 30 * 86_400),
        ("mails", "created_ttl", 90 * 86_400),
        ("graph_reports", "at_ttl", 90 * 86_400),
        ("follower_snapshots", "day_ttl", 400 * 86_400),
        ("notifications", "created_ttl", 180 * 86_400),
    ],
)
async def test_what_must_not_stay_has_an_end(database: Database, collection: str, index: str, seconds: int) -> None:
    found = await database[collection].index_information()

    assert found[index]["expireAfterSeconds"] == seconds


@pytest.mark.defect(104)
@pytest.mark.parametrize(
    ("which", "index"),
    [
        ({"user_id": {"$in": [1, 2]}, "day": NOW, "chunk": 0}, "user_day_chunk"),
        ({"user_id": {"$in": [1, 2]}, "full": {"$exists": True, "$eq": 3}}, "user_full"),
        ({"came": 3}, "came"),
        ({"left": 3}, "left"),
    ],
    ids=["days of many", "whole lists of many", "who came", "who left"],
)
async def test_snapshots_are_found_in_an_index(database: Database, which: dict[str, object], index: str) -> None:
    days = [{"user_id": 1, "day": NOW - timedelta(days=number), "chunk": 0} for number in range(20)]
    await database["follower_snapshots"].insert_many(days)

    found = await database["follower_snapshots"].find(which).explain()

    assert f"'indexName': '{index}'" in str(found["queryPlanner"]["winningPlan"])


async def test_days_without_a_change_cost_the_indexes_of_changes_nothing(database: Database) -> None:
    await database["follower_snapshots"].insert_many([{"user_id": number, "chunk": 0} for number in range(20)])

    found = await database["follower_snapshots"].find({"came": {"$exists": True}}).hint("came").explain()

    assert found["executionStats"]["totalKeysExamined"] == 0


async def test_closed_intents_cost_the_index_nothing(database: Database) -> None:
    closed = [{"username_key": f"u{number}", "email_key": f"e{number}"} for number in range(20)]
    await database["users"].insert_many(closed)

    found = await database["users"].find({"sync_open_since": {"$exists": True}}).hint("sync_open_since").explain()

    assert found["executionStats"]["totalKeysExamined"] == 0
