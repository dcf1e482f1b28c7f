"""Erasure: decided once, in bounded batches, resumed wherever it was interrupted; no personal data is left."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.accounts import erasure
from activities.accounts.erasure import EraseAccount, ErasureActivities
from activities.users.graph_sync import GraphSyncActivities
from adapters.resources import Resources
from domain.accounts.account_deletion import DeletionStatus
from domain.accounts.errors import UsernameTaken
from domain.assistant.language_models import CallAsked
from domain.assistant.turn_ends import STOPPED
from domain.assistant.writing import NewerWriter
from domain.journal.occurrences import OccurrenceType
from domain.username import username_key
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account
from tests.support.occurrences import occurrences_of
from tests.support.people import SignedIn, new_person
from tests.support.store_scan import KEEPS_IDS, find_words
from tests.support.talks import talks_of

NOW = datetime.now(UTC).replace(microsecond=0)
CELEBRITY = "MATCH (u:User {user_id: $id}) UNWIND range(1, $followers) AS n CREATE (:Fan)-[:FOLLOWING]->(u)"


@pytest.fixture
def activities(resources: Resources) -> ErasureActivities:
    return ErasureActivities(
        deletions=resources.accounts.deletions,
        tombstones=resources.accounts.tombstones,
        documents=resources.accounts.personal_documents,
        graph_node=resources.accounts.personal_node,
        mentions=resources.social.snapshot_mentions,
        redis_keys=resources.accounts.personal_keys,
        words=resources.journal.subject_words,
        hashes=resources.hashes,
    )


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "BATCH_SIZE", 10)
    monkeypatch.setattr(erasure, "MAX_BATCHES_PER_ATTEMPT", 3)


def event(resources: Resources, someone: SignedIn, kind: EventKind) -> SecurityEvent:
    return SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], kind, NOW)


async def left(resources: Resources, someone: SignedIn, *, ago: timedelta = timedelta(days=31)) -> EraseAccount:
    """The account was deactivated, and its thirty days began so long ago. No flow runs."""
    key = resources.hashes.new_object_id()
    kind = EventKind.ACCOUNT_DEACTIVATED
    deletion_at = NOW - ago + timedelta(days=30)
    has_left = await resources.accounts.deletions.deactivate(
        event(resources, someone, kind), deletion_key=key, deletion_at=deletion_at, epoch=0
    )
    assert has_left
    await resources.clients.database["users"].update_one({"deletion_key": key}, {"$unset": {"deletion_open_since": ""}})
    return EraseAccount(someone.user["_id"], key, NOW)


async def come_back(resources: Resources, someone: SignedIn) -> bool:
    happened = event(resources, someone, EventKind.ACCOUNT_REACTIVATED)
    return await resources.accounts.deletions.reactivate(happened, epoch=1) is not None


async def gone(environment: ActivityEnvironment, activities: ErasureActivities, burial: EraseAccount) -> None:
    assert await environment.run(activities.write_tombstone, burial)
    while not await environment.run(activities.erase, burial.user_id):
        pass
    await environment.run(activities.finish, burial)


async def test_account_gives_way_to_a_tombstone(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    burial = await left(resources, someone)

    assert await environment.run(activities.write_tombstone, burial)

    assert await resources.users.users.find(burial.user_id) is None
    assert await resources.users.users.find_by_login_key(someone.person.email) is None
    buried = await resources.accounts.deletions.find(burial.key)
    assert buried
    assert (buried.standing, buried.is_done) == (DeletionStatus.ERASED, False)


async def test_account_is_not_erased_before_its_time(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    burial = await left(resources, someone, ago=timedelta(days=29))

    assert not await environment.run(activities.write_tombstone, burial)

    assert await resources.users.users.exists(burial.user_id)


async def test_reactivated_account_is_not_erased(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    burial = await left(resources, someone)
    assert await come_back(resources, someone)

    assert not await environment.run(activities.write_tombstone, burial)


async def test_account_with_a_tombstone_is_not_reactivated(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    assert await environment.run(activities.write_tombstone, await left(resources, someone))

    assert not await come_back(resources, someone)


@pytest.mark.parametrize("attempt", range(5))
async def test_return_and_erasure_at_once_have_one_winner(
    environment: ActivityEnvironment,
    activities: ErasureActivities,
    resources: Resources,
    someone: SignedIn,
    attempt: int,
) -> None:
    burial = await left(resources, someone)

    is_buried, is_back = await asyncio.gather(
        environment.run(activities.write_tombstone, burial), come_back(resources, someone)
    )

    assert is_buried is not is_back
    assert await resources.users.users.exists(burial.user_id) is is_back


async def test_name_is_held_and_address_is_free(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    await gone(environment, activities, await left(resources, someone))
    key = resources.hashes.username_hold_key(username_key(someone.person.username))

    assert await resources.accounts.registrations.is_held(key, NOW + timedelta(days=89))
    assert not await resources.accounts.registrations.is_held(key, NOW + timedelta(days=91))
    await make_account(resources, new_person(email=someone.person.email))
    with pytest.raises((AssertionError, UsernameTaken)):
        await make_account(resources, new_person(username=someone.person.username))


@pytest.mark.usefixtures("small_batches")
async def test_hands_are_laid_on_no_more_than_a_few_batches_at_a_time(
    environment: ActivityEnvironment,
    activities: ErasureActivities,
    resources: Resources,
    someone: SignedIn,
) -> None:
    burial = await left(resources, someone)
    await resources.clients.neo4j.execute_query("MERGE (u:User {user_id: $id})", id=burial.user_id)
    await resources.clients.neo4j.execute_query(CELEBRITY, id=burial.user_id, followers=75)
    await environment.run(activities.write_tombstone, burial)

    tries = [await environment.run(activities.erase, burial.user_id) for _ in range(5)]

    assert tries[0] is False
    assert tries[-1] is True
    assert await find_words(resources, burial.user_id) <= KEEPS_IDS


async def test_tombstone_says_what_was_erased_and_when(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    burial = await left(resources, someone)

    await gone(environment, activities, burial)

    tombstone = await resources.clients.database["tombstones"].find_one({"_id": ObjectId(burial.user_id)})
    assert tombstone
    assert tombstone.keys() == {"_id", "deletion_key", "deactivated_at", "erased_at", "erased"}
    assert tombstone["erased_at"] == NOW
    assert {"sessions", "device_fingerprints", "graph", "redis", "mails"} <= tombstone["erased"].keys()


async def test_erasing_again_changes_nothing(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    burial = await left(resources, someone)
    await gone(environment, activities, burial)
    before = await resources.clients.database["tombstones"].find_one({"_id": ObjectId(burial.user_id)})

    assert await environment.run(activities.erase, burial.user_id)
    assert await environment.run(activities.goodbye_mail, burial.user_id) is None
    await environment.run(activities.finish, burial)

    assert await resources.clients.database["tombstones"].find_one({"_id": ObjectId(burial.user_id)}) == before


async def test_last_mail_goes_to_the_address_that_the_account_had(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    burial = await left(resources, someone)
    await environment.run(activities.write_tombstone, burial)

    order = await environment.run(activities.goodbye_mail, burial.user_id)

    assert order is not None
    assert order.recipient == someone.person.email


async def test_late_graph_sync_does_not_restore_an_erased_node(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    burial = await left(resources, someone)
    profile = await resources.users.users.find_graph_user(burial.user_id)
    assert profile
    await gone(environment, activities, burial)
    await resources.users.nodes.put(profile)

    synced = await environment.run(
        GraphSyncActivities(resources.users.users, resources.users.nodes).project, burial.user_id
    )

    assert synced is None
    assert await find_words(resources, burial.user_id) <= KEEPS_IDS


async def test_nothing_is_left_of_chats_even_while_one_is_being_answered(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    talks = talks_of(resources, someone.user["_id"])
    chat_id = (await talks.begin_chat()).chat_id
    await talks.send(chat_id)
    turn = await talks.begin(chat_id)
    draft = await talks.draft(turn, "As I was")
    (asked,) = await talks.call_tools((await talks.begin_chat()).chat_id, CallAsked("echo", "{}"))

    await gone(environment, activities, await left(resources, someone))
    with pytest.raises(NewerWriter):
        await resources.assistant.answers.save(draft)
    with pytest.raises(NewerWriter):
        await resources.assistant.turn_calls.ask(draft, [CallAsked("echo", "{}")], talks.now)
    await talks.finish(turn, STOPPED)

    assert await talks.documents(chat_id) == (None, [])
    assert await resources.assistant.turn_calls.find_many(talks.user_id, [asked.call_id]) == []
    assert await find_words(resources, someone.user["_id"]) <= KEEPS_IDS


async def test_erasure_that_is_finished_twice_is_told_once_in_the_journal(
    environment: ActivityEnvironment, activities: ErasureActivities, resources: Resources, someone: SignedIn
) -> None:
    burial = await left(resources, someone)
    await gone(environment, activities, burial)

    await environment.run(activities.finish, burial)

    deleted = OccurrenceType.USER_DELETED
    assert await occurrences_of(resources, burial.user_id, deleted) == [(deleted, {})]
