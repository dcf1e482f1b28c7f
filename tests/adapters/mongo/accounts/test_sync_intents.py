"""A change of an account that a batch had set aside takes the mark away: the drain tries the account again."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.accounts.identifier_changes import ChangeOutcome, NewChange
from domain.flows import FlowKind
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account
from tests.support.people import SignedIn, new_person

NOW = datetime.now(UTC).replace(microsecond=0)
Change = Callable[[Resources, SignedIn], Awaitable[None]]


async def rename(resources: Resources, someone: SignedIn) -> None:
    changes, name = resources.accounts.username_changes, new_person().username
    owner = f"test/{resources.hashes.new_object_id()}"
    change = NewChange(FlowKind.USERNAME_CHANGE, owner, someone.user["_id"], "a-flow", NOW)
    event = event_of(resources, someone, EventKind.USERNAME_CHANGED)
    await changes.begin(change, name, until=NOW + timedelta(minutes=10), event_id=event.event_id)
    assert await changes.apply(event, workflow_id=owner, username=name) is ChangeOutcome.DONE


async def deactivate(resources: Resources, someone: SignedIn) -> None:
    event = event_of(resources, someone, EventKind.ACCOUNT_DEACTIVATED)
    key = resources.hashes.new_object_id()
    await resources.accounts.deletions.deactivate(
        event, deletion_key=key, deletion_at=NOW + timedelta(days=30), epoch=0
    )


async def return_after_deactivation(resources: Resources, someone: SignedIn) -> None:
    await deactivate(resources, someone)
    await set_aside(resources, someone)
    back = event_of(resources, someone, EventKind.ACCOUNT_REACTIVATED)
    assert await resources.accounts.deletions.reactivate(back, epoch=1)


def event_of(resources: Resources, someone: SignedIn, kind: EventKind) -> SecurityEvent:
    return SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], kind, NOW)


async def set_aside(resources: Resources, someone: SignedIn) -> None:
    marked = {"$set": {"sync_open_since": NOW, "sync_failed_at": NOW}}
    await resources.clients.database["users"].update_one({"_id": ObjectId(someone.user["_id"])}, marked)


@pytest.mark.parametrize("change", [rename, deactivate, return_after_deactivation])
async def test_account_that_was_set_aside_is_tried_again(resources: Resources, change: Change) -> None:
    someone = await make_account(resources)
    await set_aside(resources, someone)

    await change(resources, someone)

    account = await resources.clients.database["users"].find_one({"_id": ObjectId(someone.user["_id"])})
    assert account
    assert "sync_failed_at" not in account
