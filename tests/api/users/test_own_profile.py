"""Changes to the caller's profile: shown at once, synced to the graph, and atomic."""

import asyncio
from datetime import datetime

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.users.users import ProfileChange
from tests.api.conftest import ChangeUser
from tests.api.contract_shapes import PROFILE
from tests.support.envelope import data, fields, refusal
from tests.support.graph import names_in_graph, synced
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.sweep import SWEPT_SECONDS, trigger_sweep

EDITS = {
    "display-name": {"display_name": "Алиса 山田 \U0001f600"},
    "bio": {"bio": "One line\nand another, \u0645\u0631\u062d\u0628\u0627"},
    "avatar": {"avatar_ipfs_hash": "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi"},
}


async def edit(api: httpx.AsyncClient, someone: SignedIn, what: str, body: dict[str, object]) -> httpx.Response:
    return await api.put(f"/users/profile/{what}", json=body, headers=someone.bearer)


@pytest.mark.parametrize("what", EDITS)
async def test_change_is_returned_and_shown_at_once(api: httpx.AsyncClient, someone: SignedIn, what: str) -> None:
    changed = data(await edit(api, someone, what, {**EDITS[what]}))
    profile = data(await api.get("/users/profile/me", headers=someone.bearer))

    assert changed.keys() == PROFILE
    assert {**changed, **EDITS[what]} == changed
    assert {**profile, **changed} == profile
    assert datetime.fromisoformat(changed["updatedAt"]) > datetime.fromisoformat(changed["createdAt"])


async def test_change_is_synced_to_the_graph(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    user_id = someone.user["_id"]

    data(await edit(api, someone, "display-name", {"display_name": "Changed"}))
    await synced(resources, user_id)

    assert await names_in_graph(resources, user_id) == (someone.person.username, "Changed", None, "user")


@pytest.mark.parametrize("what", EDITS)
async def test_change_increments_the_version_and_opens_a_sync_intent(
    resources: Resources, someone: SignedIn, what: str
) -> None:
    """Written directly to the store: over the API the sync may be done before the test reads the intent."""
    users, user_id = resources.clients.database["users"], ObjectId(someone.user["_id"])
    before = await users.find_one_and_update({"_id": user_id}, {"$unset": {"sync_open_since": ""}})
    assert before is not None

    changed = await resources.users.profiles.change(str(user_id), ProfileChange(**EDITS[what]), before["updatedAt"])
    after = await users.find_one({"_id": user_id})

    assert changed is not None
    assert after is not None
    assert (after["profile_version"], after["sync_open_since"]) == (before["profile_version"] + 1, before["updatedAt"])


async def test_concurrent_changes_are_all_stored(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await asyncio.gather(*(edit(api, someone, what, {**body}) for what, body in EDITS.items()))

    profile = data(await api.get("/users/profile/me", headers=someone.bearer))
    document = await resources.clients.database["users"].find_one({"_id": ObjectId(someone.user["_id"])})

    assert all(profile[name] == value for body in EDITS.values() for name, value in body.items())
    assert document is not None
    assert document["profile_version"] == 1 + len(EDITS)


@pytest.mark.defect(91)
async def test_empty_bio_clears_it(api: httpx.AsyncClient, someone: SignedIn) -> None:
    data(await edit(api, someone, "bio", {"bio": "something"}))

    assert data(await edit(api, someone, "bio", {"bio": ""}))["bio"] == ""


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("display-name", {"display_name": ""}),
        ("display-name", {"display_name": "x" * 51}),
        ("display-name", {"display_name": "two\nlines"}),
        ("display-name", {"display_name": "bell\u0007"}),
        ("bio", {"bio": "x" * 501}),
        ("bio", {"bio": "bell\u0007"}),
        ("bio", {"bio": "\u009f"}),
        ("avatar", {"avatar_ipfs_hash": "no-cid"}),
        ("avatar", {"avatar_ipfs_hash": "\u0000"}),
        ("avatar", {"avatar_ipfs_hash": {"$ne": ""}}),
    ],
)
async def test_invalid_value_is_refused_by_its_field(
    api: httpx.AsyncClient, someone: SignedIn, what: str, body: dict[str, object]
) -> None:
    assert fields(await edit(api, someone, what, body)) == {f"body.{next(iter(body))}"}


@pytest.mark.parametrize("what", EDITS)
async def test_change_without_a_token_is_refused(api: httpx.AsyncClient, what: str) -> None:
    assert refusal(await api.put(f"/users/profile/{what}", json=EDITS[what])) == (401, "NotAuthenticated")


async def test_deactivated_account_changes_nothing(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, change_user: ChangeUser
) -> None:
    """Its session may be cached for up to ten seconds: the write itself checks `is_active`."""
    data(await api.get("/users/profile/me", headers=someone.bearer))
    await change_user(someone.user["_id"], {"is_active": False})

    assert refusal(await edit(api, someone, "bio", {"bio": "still here"}))[0] == 401


async def test_pending_sync_is_finished_by_the_sweep(resources: Resources, someone: SignedIn) -> None:
    """As if Temporal had lost the wake-up: only the intent is stored."""
    user_id = someone.user["_id"]
    long_ago = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    await resources.users.profiles.change(user_id, ProfileChange(display_name="Swept"), long_ago)

    async def is_there() -> bool:
        names = await names_in_graph(resources, user_id)
        return names is not None and names[1] == "Swept"

    await trigger_sweep(resources)
    await eventually(is_there, within=SWEPT_SECONDS)
