"""A change is told in the journal. Names that were kept before names were normalized are put into NFC, once."""

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.journal.occurrences import OccurrenceType
from domain.users.users import ProfileChange
from tests.support.accounts import make_account
from tests.support.occurrences import occurrences_of
from tests.support.people import SignedIn
from tests.support.relationships import EPOCH_OF_TESTS

LATER = EPOCH_OF_TESTS + timedelta(days=1)


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture
async def typed_long_ago(resources: Resources) -> SignedIn:
    """An account with a name and a bio in NFD."""
    someone = await make_account(resources)
    kept = {"$set": {"display_name": "Rene\u0301e", "bio": "cafe\u0301"}, "$unset": {"sync_open_since": ""}}
    await resources.clients.database["users"].update_one({"_id": ObjectId(someone.user["_id"])}, kept)
    return someone


async def document(resources: Resources, user_id: str) -> dict[str, Any]:
    found = await resources.clients.database["users"].find_one({"_id": ObjectId(user_id)})
    assert found is not None
    return found


def before(user_id: str) -> str:
    """The id below this one."""
    return f"{int(user_id, 16) - 1:024x}"


async def test_change_is_one_occurrence_that_names_the_fields(resources: Resources, someone: SignedIn) -> None:
    user_id, kind = someone.user["_id"], OccurrenceType.USER_UPDATED

    await resources.users.profiles.change(user_id, ProfileChange(display_name="Ann", bio="a secret"), LATER)

    assert await occurrences_of(resources, user_id, kind) == [(kind, {"fields": "bio,display_name"})]


async def test_change_of_a_deactivated_account_is_no_occurrence(resources: Resources, someone: SignedIn) -> None:
    user_id = someone.user["_id"]
    await resources.clients.database["users"].update_one({"_id": ObjectId(user_id)}, {"$set": {"is_active": False}})

    assert await resources.users.profiles.change(user_id, ProfileChange(bio="late"), LATER) is None

    assert await occurrences_of(resources, user_id, OccurrenceType.USER_UPDATED) == []


async def test_name_and_bio_are_composed_and_the_graph_is_to_follow(
    resources: Resources, typed_long_ago: SignedIn
) -> None:
    user_id = typed_long_ago.user["_id"]
    version = (await document(resources, user_id))["profile_version"]

    batch = await resources.users.profiles.normalize_after(before(user_id), limit=1, now=LATER)

    kept = await document(resources, user_id)
    assert batch is not None
    assert (batch.changed, batch.last) == (1, user_id)
    assert (kept["display_name"], kept["bio"]) == ("Ren\u00e9e", "caf\u00e9")
    assert (kept["profile_version"], kept["sync_open_since"]) == (version + 1, LATER)


async def test_second_pass_changes_nothing(resources: Resources, typed_long_ago: SignedIn) -> None:
    user_id = typed_long_ago.user["_id"]
    await resources.users.profiles.normalize_after(before(user_id), limit=1, now=LATER)
    version = (await document(resources, user_id))["profile_version"]

    again = await resources.users.profiles.normalize_after(before(user_id), limit=1, now=LATER)

    assert again is not None
    assert again.changed == 0
    assert (await document(resources, user_id))["profile_version"] == version


async def test_pass_ends_after_the_last_account(resources: Resources) -> None:
    assert await resources.users.profiles.normalize_after("f" * 24, limit=1, now=LATER) is None
