"""Who stands in no list: those who block each other, and those who have left."""

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
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
    in_graph,
    make_block,
    make_follow,
    page,
)

pytestmark = pytest.mark.usefixtures("planned")

FOLLOWERS, FOLLOWINGS, BLOCKED = f"{FOLLOW}/followers", f"{FOLLOW}/followings", f"{BLOCK}/blocked"
NOT_FOUND = (404, "UserNotFound")


@pytest.fixture
async def me(resources: Resources) -> SignedIn:
    return await in_graph(resources)


@pytest.fixture
async def owner(resources: Resources) -> SignedIn:
    return await in_graph(resources)


@pytest.fixture
async def other(resources: Resources) -> SignedIn:
    return await in_graph(resources)


async def befriend(resources: Resources, one: SignedIn, other: SignedIn) -> None:
    await make_follow(resources, one, other)
    await make_follow(resources, other, one)


async def deactivate(resources: Resources, change_user: ChangeUser, person: SignedIn) -> None:
    """As the flow does it: the node first, then the edges."""
    await change_user(person.user["_id"], {"is_active": False})
    await project(resources, person)
    await resources.social.follows.pause(person.user["_id"], limit=100)


@pytest.mark.defect(36)
@pytest.mark.parametrize("by_me", [True, False], ids=["I block them", "they block me"])
@pytest.mark.parametrize("path", [FOLLOWERS, FOLLOWINGS])
async def test_no_two_who_block_each_other_meet_in_the_list_of_a_third(
    api: httpx.AsyncClient,
    resources: Resources,
    me: SignedIn,
    owner: SignedIn,
    other: SignedIn,
    path: str,
    by_me: bool,
) -> None:
    third = await in_graph(resources)
    for person in (other, third):
        await befriend(resources, owner, person)
    await make_block(resources, *((me, other) if by_me else (other, me)))

    shown = await page(api, path, me, user_id=owner.user["_id"])

    assert (ids(shown), shown["meta"]["total"]) == (ids_of(third), 1)


async def test_two_blocks_of_one_pair_are_taken_from_the_total_once(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, owner: SignedIn, other: SignedIn
) -> None:
    await make_follow(resources, other, owner)
    for pair in ((me, other), (other, me)):
        await make_block(resources, *pair)

    shown = await page(api, FOLLOWERS, me, user_id=owner.user["_id"])

    assert (ids(shown), shown["meta"]["total"]) == ([], 0)


@pytest.mark.defect(36)
@pytest.mark.parametrize("path", [FOLLOWERS, FOLLOWINGS, MUTUAL])
async def test_who_is_blocked_finds_no_list_of_the_blocker(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, owner: SignedIn, path: str
) -> None:
    await make_block(resources, owner, me)
    place, query = (f"{path}/{owner.user['_id']}", {}) if path == MUTUAL else (path, {"user_id": owner.user["_id"]})

    assert refusal(await api.get(place, params=query, headers=me.bearer)) == NOT_FOUND


@pytest.mark.parametrize("path", [FOLLOWERS, FOLLOWINGS])
async def test_who_has_left_is_in_no_list_and_in_no_total(
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
async def test_who_is_just_leaving_is_not_shown_though_the_edge_is_still_there(
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
async def test_who_has_left_has_no_list(
    api: httpx.AsyncClient, me: SignedIn, owner: SignedIn, change_user: ChangeUser, path: str
) -> None:
    await change_user(owner.user["_id"], {"is_active": False})

    response = await api.get(path, params={"user_id": owner.user["_id"]}, headers=me.bearer)

    assert refusal(response) == NOT_FOUND


async def test_blocker_lists_whom_they_block_newest_first(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn
) -> None:
    people = [await in_graph(resources) for _ in range(3)]
    for minute, person in enumerate(people):
        await make_block(resources, me, person, minute=minute)

    first = await page(api, BLOCKED, me, limit=2)
    second = await page(api, BLOCKED, me, limit=2, cursor=first["meta"]["next_cursor"])

    assert ids(first) + ids(second) == ids_of(*reversed(people))
    assert first["users"][0].keys() == PERSON_FIELDS
    assert {row["is_blocked"] for row in first["users"]} == {True}
    assert (first["meta"]["total"], second["meta"]["is_last_page"]) == (3, True)


async def test_who_blocks_back_can_still_be_unblocked(api: httpx.AsyncClient, me: SignedIn, other: SignedIn) -> None:
    for pair in ((me, other), (other, me)):
        data(await block(api, *pair))

    assert ids(await page(api, BLOCKED, me)) == ids_of(other)


async def test_blocked_account_that_was_deactivated_is_out_of_the_list_and_its_total(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, other: SignedIn, change_user: ChangeUser
) -> None:
    await make_block(resources, me, other)
    await deactivate(resources, change_user, other)

    shown = await page(api, BLOCKED, me)

    assert (ids(shown), shown["meta"]["total"]) == ([], 0)


async def test_nobody_sees_the_blocks_of_another(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, owner: SignedIn, other: SignedIn
) -> None:
    await make_block(resources, owner, other)

    assert ids(await page(api, BLOCKED, me, user_id=owner.user["_id"])) == []
