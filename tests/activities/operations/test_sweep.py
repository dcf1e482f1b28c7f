"""The sweep finds open intents and expired data, on a database of the test's own."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.operations import sweep
from activities.operations.sweep import FindIntents, SweepActivities
from activities.users.graph_sync import GraphSyncInput
from adapters.mongo.accounts.account_deletion import DeletionStore
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.client import Database
from adapters.mongo.delivery.mails import MailStore
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.users.access_guard import AccessGuard
from adapters.mongo.users.access_head import AccessHead
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import UserStore
from adapters.neo4j.social.pending_follows import PendingFollowStore
from adapters.resources import Resources
from domain.delivery.mail import MailKind, NewMail
from tests.support.journal import OwnJournal, occurrence

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
TEN_SECONDS_AGO = NOW - timedelta(seconds=10)


@pytest.fixture
def mails(database: Database, resources: Resources) -> MailStore:
    return MailStore(resources.clients.mongo, database, resources.journal.occurrences)


@pytest.fixture
def activities(database: Database, mails: MailStore, resources: Resources) -> SweepActivities:
    mongo, occurrences = resources.clients.mongo, resources.journal.occurrences
    events = SecurityEventStore(mongo, database, resources.notifications.event_inbox, occurrences)
    sessions, guard = (
        SessionStore(mongo, database, events, occurrences),
        AccessGuard(database, AccessHead(mongo, database)),
    )
    deletions = DeletionStore(mongo, database, events, sessions, guard)
    follows = PendingFollowStore(resources.clients.neo4j)
    numbering = OwnJournal(mongo, database.name).numbering
    return SweepActivities(UserStore(database), mails, events, deletions, resources.hashes, follows, numbering)


async def owe(database: Database, *ages: float) -> list[str]:
    """Insert accounts whose intents were opened `ages` seconds ago. Return their ids."""
    users: list[dict[str, Any]] = [
        {"_id": ObjectId(), "username_key": secrets.token_hex(8), "email_key": secrets.token_hex(8)} for _ in ages
    ]
    opened = [{**user, "sync_open_since": NOW - timedelta(seconds=age)} for user, age in zip(users, ages, strict=True)]
    await database["users"].insert_many(opened)
    return [str(user["_id"]) for user in users]


async def settled(database: Database, count: int) -> None:
    """Insert accounts without an open intent."""
    names = [secrets.token_hex(8) for _ in range(count)]
    await database["users"].insert_many([{"username_key": name, "email_key": name} for name in names])


async def found(environment: ActivityEnvironment, activities: SweepActivities) -> list[GraphSyncInput]:
    orders: list[GraphSyncInput] = await environment.run(activities.find_open_syncs, FindIntents(TEN_SECONDS_AGO, NOW))
    return orders


async def record(mails: MailStore, database: Database, key: str, at: datetime) -> None:
    """As it was made before there was decision 0042: with recipient and variables under seal."""
    await mails.record(NewMail(key, MailKind.WELCOME_MESSAGE, f"<{key}>", "h", at))
    sealed = {"sealed": {"key_id": "1", "data": b"x"}, "sealed_since": at}
    await database["mails"].update_one({"key": key}, {"$set": sealed})


async def test_old_intents_are_found_oldest_first_and_young_ones_left_alone(
    environment: ActivityEnvironment, activities: SweepActivities, database: Database
) -> None:
    await settled(database, 3)
    younger, oldest, _, _ = await owe(database, 11, 3600, 10, 9)

    orders = await found(environment, activities)

    assert [order.user_id for order in orders] == [oldest, younger]


async def test_intent_is_kicked_under_a_key_without_personal_data(
    environment: ActivityEnvironment, activities: SweepActivities, database: Database, resources: Resources
) -> None:
    (user_id,) = await owe(database, 60)

    (order,) = await found(environment, activities)

    assert order == GraphSyncInput(user_id, resources.hashes.workflow_key(user_id))
    assert user_id not in order.user_key


async def test_without_intents_the_result_is_empty(
    environment: ActivityEnvironment, activities: SweepActivities
) -> None:
    assert await found(environment, activities) == []


async def test_no_more_than_a_page_is_found_at_a_time(
    environment: ActivityEnvironment,
    activities: SweepActivities,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep, "MAX_INTENTS", 2)
    ids = await owe(database, 30, 40, 50)

    orders = await found(environment, activities)

    assert [order.user_id for order in orders] == [ids[2], ids[1]]


async def test_intents_are_found_by_the_partial_index_alone(
    environment: ActivityEnvironment, activities: SweepActivities, database: Database
) -> None:
    await settled(database, 200)
    await owe(database, 20, 30)
    await database.command("profile", 2)

    await found(environment, activities)

    await database.command("profile", 0)
    (query,) = await database["system.profile"].find({"op": "query", "ns": f"{database.name}.users"}).to_list()
    assert query["planSummary"] == "IXSCAN { sync_open_since: 1 }"
    assert (query["keysExamined"], query["docsExamined"], query["nreturned"]) == (2, 2, 2)
    assert "hasSortStage" not in query


async def test_old_mail_records_lose_their_recipient(
    environment: ActivityEnvironment, activities: SweepActivities, mails: MailStore, database: Database
) -> None:
    before = NOW - timedelta(days=30)
    await record(mails, database, "old", before - timedelta(milliseconds=1))
    await record(mails, database, "young", before)

    dropped = [await environment.run(activities.drop_mail_contents, before) for _ in range(2)]

    assert dropped == [1, 0]
    sealed = await database["mails"].find({"sealed": {"$exists": True}}).to_list()
    assert [mail["key"] for mail in sealed] == ["young"]


async def test_what_became_of_an_old_mail_is_not_forgotten(
    environment: ActivityEnvironment, activities: SweepActivities, mails: MailStore, database: Database
) -> None:
    await record(mails, database, "old", NOW - timedelta(days=31))

    await environment.run(activities.drop_mail_contents, NOW - timedelta(days=30))

    document = await database["mails"].find_one({"key": "old"})
    assert document is not None
    assert (document["message_id"], document["recipient_hash"], document["state"]) == ("<old>", "h", "rendered")


async def test_no_more_than_a_page_is_forgotten_at_a_time(
    environment: ActivityEnvironment,
    activities: SweepActivities,
    mails: MailStore,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sweep, "MAX_DROPPED_MAILS", 2)
    for key in ("one", "two", "three"):
        await record(mails, database, key, NOW - timedelta(days=31))

    dropped = [await environment.run(activities.drop_mail_contents, NOW - timedelta(days=30)) for _ in range(3)]

    assert dropped == [2, 1, 0]


@pytest.mark.parametrize(("age", "has_waited"), [(11, True), (9, False)])
async def test_occurrence_that_has_waited_for_its_number_is_found(
    environment: ActivityEnvironment, activities: SweepActivities, database: Database, age: int, has_waited: bool
) -> None:
    await OccurrenceStore(database).record(occurrence(at=NOW - timedelta(seconds=age)))

    assert await environment.run(activities.find_unnumbered, FindIntents(TEN_SECONDS_AGO, NOW)) is has_waited


async def test_occurrence_that_is_set_aside_is_no_reason_to_number(
    environment: ActivityEnvironment, activities: SweepActivities, database: Database
) -> None:
    await OccurrenceStore(database).record(occurrence(at=NOW - timedelta(days=1)))
    await database["occurrences"].update_many({}, {"$set": {"failed_at": NOW}})

    assert await environment.run(activities.find_unnumbered, FindIntents(TEN_SECONDS_AGO, NOW)) is False
