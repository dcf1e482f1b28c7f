"""Swaps of names and addresses at the very same moment, and after the caller's session has ended."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from adapters.mongo.client import Document
from adapters.resources import Resources
from domain.accounts.identifier_changes import ChangeOutcome, NewChange
from domain.flows import FlowKind
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account
from tests.support.people import SignedIn, new_person

DONE, TAKEN = ChangeOutcome.DONE, ChangeOutcome.TAKEN


async def event_of(resources: Resources, someone: SignedIn, kind: EventKind) -> SecurityEvent:
    return SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], kind, datetime.now(UTC))


async def begun(resources: Resources, someone: SignedIn, kind: FlowKind) -> str:
    """The owner of a change that is the account's open one. No name is held by it."""
    owner = f"test/{resources.hashes.new_object_id()}"
    change = NewChange(kind, owner, someone.user["_id"], "a-flow", datetime.now(UTC))
    async with resources.clients.mongo.start_session() as inner:
        await resources.accounts.open_changes.open(inner, {}, change, hold_key="none")
    return owner


async def rename(resources: Resources, someone: SignedIn, name: str) -> ChangeOutcome:
    event = await event_of(resources, someone, EventKind.USERNAME_CHANGED)
    owner = await begun(resources, someone, FlowKind.USERNAME_CHANGE)
    return await resources.accounts.username_changes.apply(event, workflow_id=owner, username=name)


async def move(resources: Resources, someone: SignedIn, address: str, *, session: str | None = None) -> ChangeOutcome:
    event = await event_of(resources, someone, EventKind.EMAIL_CHANGED)
    owner = await begun(resources, someone, FlowKind.EMAIL_CHANGE)
    kept = session or someone.session["_id"]
    return await resources.accounts.email_changes.apply(
        event, workflow_id=owner, email_address=address, keep_session_id=kept, revert_workflow_id="email-revert/test"
    )


async def all_about(resources: Resources, someone: SignedIn) -> list[Document]:
    """Account, sessions and events, but for the change that was put there by the test."""
    database, user_id = resources.clients.database, ObjectId(someone.user["_id"])
    mine = {"user_id": user_id}
    return [
        *await database["users"].find({"_id": user_id}, {"open_changes": 0}).to_list(),
        *await database["sessions"].find(mine).to_list(),
        *await database["security_events"].find(mine).to_list(),
    ]


async def pair(resources: Resources) -> tuple[SignedIn, SignedIn]:
    return await make_account(resources), await make_account(resources)


async def test_two_swaps_to_one_name_are_one_and_the_other_changes_nothing(resources: Resources) -> None:
    people, name = await pair(resources), new_person().username
    before = [await all_about(resources, each) for each in people]

    outcomes = await asyncio.gather(*(rename(resources, each, name) for each in people))

    after = [await all_about(resources, each) for each in people]
    assert sorted(outcomes) == [DONE, TAKEN]
    unchanged = [old == new for old, new in zip(before, after, strict=True)]
    assert unchanged == [outcome is TAKEN for outcome in outcomes]


async def test_two_swaps_to_one_address_are_one_and_the_other_changes_nothing(resources: Resources) -> None:
    people, address = await pair(resources), new_person().email
    before = [await all_about(resources, each) for each in people]

    outcomes = await asyncio.gather(*(move(resources, each, address) for each in people))

    after = [await all_about(resources, each) for each in people]
    assert sorted(outcomes) == [DONE, TAKEN]
    unchanged = [old == new for old, new in zip(before, after, strict=True)]
    assert unchanged == [outcome is TAKEN for outcome in outcomes]


async def test_address_is_not_swapped_for_a_session_that_has_ended(resources: Resources) -> None:
    someone = await make_account(resources)
    before = await all_about(resources, someone)

    outcome = await move(resources, someone, new_person().email, session="0" * 24)

    assert outcome is ChangeOutcome.SIGNED_OUT
    assert await all_about(resources, someone) == before


async def test_address_that_is_held_for_another_is_not_had(resources: Resources) -> None:
    first, second = await pair(resources)
    await move(resources, first, new_person().email)

    assert await move(resources, second, first.person.email) is TAKEN
    assert await move(resources, first, first.person.email) is DONE


async def test_change_asked_for_before_all_sessions_ended_does_not_begin(resources: Resources) -> None:
    """While no worker runs, hours may lie between."""
    someone = await make_account(resources)
    user_id, now = someone.user["_id"], datetime.now(UTC)
    late = NewChange(FlowKind.EMAIL_CHANGE, "test/late", user_id, "a-flow", now, epoch=0)
    await resources.auth.sessions.revoke_all(await event_of(resources, someone, EventKind.SESSIONS_REVOKED))

    begun = await resources.accounts.email_changes.begin(late, event_id=resources.hashes.new_object_id())

    assert begun.outcome is ChangeOutcome.GONE


@pytest.mark.parametrize("kind", [FlowKind.USERNAME_CHANGE, FlowKind.EMAIL_CHANGE])
async def test_change_that_was_superseded_swaps_nothing(resources: Resources, kind: FlowKind) -> None:
    someone = await make_account(resources)
    first = await begun(resources, someone, kind)
    await begun(resources, someone, kind)
    event = await event_of(resources, someone, EventKind.EMAIL_CHANGED)

    is_name = kind is FlowKind.USERNAME_CHANGE
    swapping = (
        resources.accounts.username_changes.apply(event, workflow_id=first, username=new_person().username)
        if is_name
        else resources.accounts.email_changes.apply(
            event,
            workflow_id=first,
            email_address=new_person().email,
            keep_session_id=someone.session["_id"],
            revert_workflow_id="r",
        )
    )

    assert await swapping is ChangeOutcome.SUPERSEDED


async def test_older_change_never_takes_the_place_of_a_newer_one(resources: Resources) -> None:
    someone, now = await make_account(resources), datetime.now(UTC)
    newer = NewChange(FlowKind.EMAIL_CHANGE, "test/newer", someone.user["_id"], "a-flow", now)
    older = NewChange(FlowKind.EMAIL_CHANGE, "test/older", someone.user["_id"], "b-flow", now - timedelta(minutes=1))
    event_ids = [resources.hashes.new_object_id() for _ in range(2)]

    first = await resources.accounts.email_changes.begin(newer, event_id=event_ids[0])
    second = await resources.accounts.email_changes.begin(older, event_id=event_ids[1])

    assert (first.outcome, second.outcome) == (DONE, ChangeOutcome.SUPERSEDED)


async def test_beginning_twice_is_beginning_once_and_names_the_superseded_again(resources: Resources) -> None:
    someone, now = await make_account(resources), datetime.now(UTC)
    before = await begun(resources, someone, FlowKind.EMAIL_CHANGE)
    change = NewChange(FlowKind.EMAIL_CHANGE, "test/twice", someone.user["_id"], "a-flow", now + timedelta(seconds=1))
    event_id = resources.hashes.new_object_id()

    answers = [await resources.accounts.email_changes.begin(change, event_id=event_id) for _ in range(2)]

    assert [(each.outcome, each.superseded) for each in answers] == [(DONE, before)] * 2
