"""Accounts hidden from lists: blocked, blocking and deactivated ones."""

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.graph import project
from tests.support.people import SignedIn
from tests.support.relationships import (
    BLOCK,
    FOLLOW,
    MUTUAL,
    PERSON_FIELDS,
    block,
    ids,
    ids_of,
    make_block,
    make_follow,
    page,
)

pytestmark = pytest.mark.usefixtures("planned")

FOLLOWERS, FOLLOWINGS, BLOCKED = f"{FOLLOW}/followers", f"{FOLLOW}/followings", f"{BLOCK}/blocked"
NOT_FOUND = (404, "UserNotFound")


async def befriend(resources: Resources, one: SignedIn, other: SignedIn) -> None:
    await make_follow(resources, one, other)
    await make_follow(resources, other, one)


async def deactivate(resources: Resources, change_user: ChangeUser, person: SignedIn) -> None:
    """Deactivate as the flow does: the node first, then the edges."""
    await change_user(person.user["_id"], {"is_active": False})
    await project(resources, person)
    await resources.social.follows.pause(person.user["_id"], limit=100)


@pytest.mark.defect(36)
@pytest.mark.parametrize("by_me", [True, False], ids=["I block them", "they block me"])
@pytest.mark.parametrize("path", [FOLLOWERS, FOLLOWINGS])
async def test_list_of_a_third_user_hides_a_blocked_or_blocking_user(
    api: httpx.AsyncClient,
    resources: Resources,
    me: SignedIn,
    owner: SignedIn,
    other: SignedIn,
    path: str,
    by_me: bool,
) -> None:
    third = await make_account(resources)
    for person in (other, third):
        await befriend(resources, owner, person)
    await make_block(resources, *((me, other) if by_me else (other, me)))

    shown = await page(api, path, me, user_id=owner.user["_id"])

    assert (ids(shown), shown["meta"]["total"]) == (ids_of(third), 1)


async def test_mutual_block_is_subtracted_from_the_total_once(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, owner: SignedIn, other: SignedIn
) -> None:
    await make_follow(resources, other, owner)
    for pair in ((me, other), (other, me)):
        await make_block(resources, *pair)

    shown = await page(api, FOLLOWERS, me, user_id=owner.user["_id"])

    assert (ids(shown), shown["meta"]["total"]) == ([], 0)


@pytest.mark.defect(36)
@pytest.mark.parametrize("path", [FOLLOWERS, FOLLOWINGS, MUTUAL])
async def test_list_of_a_blocker_is_not_found(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, owner: SignedIn, path: str
) -> None:
    await make_block(resources, owner, me)
    place, query = (f"{path}/{owner.user['_id']}", {}) if path == MUTUAL else (path, {"user_id": owner.user["_id"]})

    assert refusal(await api.get(place, params=query, headers=me.bearer)) == NOT_FOUND


@pytest.mark.parametrize("path", [FOLLOWERS, FOLLOWINGS])
async def test_deactivated_account_is_in_no_list_and_no_total(
    api: httpx.AsyncClient,
    resources: Resources,
    me: SignedIn,
    owner: SignedIn,
    other: SignedIn,
    change_user: ChangeUser,
    path: str,
) -> None:
    await befriend(resources, owner, other)
    await deactivate(resources, change_user, other)

    shown = await page(api, path, me, user_id=owner.user["_id"])

    assert (ids(shown), shown["meta"]["total"]) == ([], 0)


@pytest.mark.parametrize("path", [FOLLOWERS, FOLLOWINGS])
async def test_account_being_deactivated_is_hidden_before_its_edges_are_paused(
    api: httpx.AsyncClient,
    resources: Resources,
    me: SignedIn,
    owner: SignedIn,
    other: SignedIn,
    change_user: ChangeUser,
    path: str,
) -> None:
    await befriend(resources, owner, other)
    await change_user(other.user["_id"], {"is_active": False})
    await project(resources, other)

    assert ids(await page(api, path, me, user_id=owner.user["_id"])) == []


@pytest.mark.parametrize("path", [FOLLOWERS, FOLLOWINGS])
async def test_list_of_a_deactivated_account_is_not_found(
    api: httpx.AsyncClient, me: SignedIn, owner: SignedIn, change_user: ChangeUser, path: str
) -> None:
    await change_user(owner.user["_id"], {"is_active": False})

    response = await api.get(path, params={"user_id": owner.user["_id"]}, headers=me.bearer)

    assert refusal(response) == NOT_FOUND


async def test_blocked_accounts_are_listed_newest_first(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn
) -> None:
    people = [await make_account(resources) for _ in range(3)]
    for minute, person in enumerate(people):
        await make_block(resources, me, person, minute=minute)

    first = await page(api, BLOCKED, me, limit=2)
    second = await page(api, BLOCKED, me, limit=2, cursor=first["meta"]["next_cursor"])

    assert ids(first) + ids(second) == ids_of(*reversed(people))
    assert first["users"][0].keys() == PERSON_FIELDS
    assert {row["is_blocked"] for row in first["users"]} == {True}
    assert (first["meta"]["total"], second["meta"]["is_last_page"]) == (3, True)


async def test_blocked_account_that_blocks_back_stays_listed(
    api: httpx.AsyncClient, me: SignedIn, other: SignedIn
) -> None:
    for pair in ((me, other), (other, me)):
        data(await block(api, *pair))

    assert ids(await page(api, BLOCKED, me)) == ids_of(other)


async def test_deactivated_blocked_account_is_in_neither_list_nor_total(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, other: SignedIn, change_user: ChangeUser
) -> None:
    await make_block(resources, me, other)
    await deactivate(resources, change_user, other)

    shown = await page(api, BLOCKED, me)

    assert (ids(shown), shown["meta"]["total"]) == ([], 0)


async def test_blocks_of_another_account_are_not_listed(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, owner: SignedIn, other: SignedIn
) -> None:
    await make_block(resources, owner, other)

    assert ids(await page(api, BLOCKED, me, user_id=owner.user["_id"])) == []
