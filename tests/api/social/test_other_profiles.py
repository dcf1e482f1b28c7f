"""Profiles of other accounts: public fields, flags relative to the caller, and who gets 404."""

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.api.contract_shapes import PROFILE
from tests.support.accounts import make_account, make_unknown
from tests.support.envelope import data, fields, refusal
from tests.support.graph import block, follow, project
from tests.support.people import SignedIn
from tests.support.wallets import with_primary, with_wallet

TIES = {"following_number", "followers_number", "is_following", "is_follower", "is_blocked", "mutual_followers_number"}
OTHER = PROFILE | TIES | {"wallets", "primary_wallet", "mutual_followers_list", "is_online"}
NOT_FOUND = (404, "UserNotFound")

pytestmark = pytest.mark.usefixtures("planned")


async def look(api: httpx.AsyncClient, at: SignedIn, by: SignedIn | None = None) -> httpx.Response:
    return await api.get(f"/users/profile/{at.user['_id']}", headers=by.bearer if by else {})


async def test_profile_is_public(api: httpx.AsyncClient, resources: Resources, other: SignedIn) -> None:
    await project(resources, other)

    profile = data(await look(api, other))

    assert profile.keys() == OTHER
    assert (profile["_id"], profile["username"]) == (other.user["_id"], other.person.username)
    assert (profile["wallets"], profile["primary_wallet"], profile["is_online"]) == ([], None, False)
    assert {profile[name] for name in ("is_following", "is_follower", "is_blocked")} == {False}
    assert other.person.email not in str(profile)


async def test_account_not_yet_in_the_graph_has_no_ties(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    profile = data(await look(api, await make_unknown(resources), someone))

    assert {profile[name] for name in TIES} == {0}
    assert profile["mutual_followers_list"] == []


async def test_flags_are_relative_to_the_caller(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await follow(resources, someone, other)

    by_follower, by_followed = data(await look(api, other, someone)), data(await look(api, someone, other))

    assert (by_follower["is_following"], by_follower["is_follower"]) == (True, False)
    assert (by_follower["following_number"], by_follower["followers_number"]) == (0, 1)
    assert (by_followed["is_following"], by_followed["is_follower"]) == (False, True)
    assert (by_followed["following_number"], by_followed["followers_number"]) == (1, 0)


async def test_paused_follows_are_not_counted(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await project(resources, someone, other)
    await resources.clients.neo4j.execute_query(
        "MATCH (a:User {user_id: $a}), (b:User {user_id: $b}) CREATE (a)-[:FOLLOWING_PAUSED]->(b)",
        a=someone.user["_id"],
        b=other.user["_id"],
    )

    profile = data(await look(api, other, someone))

    assert (profile["is_following"], profile["followers_number"]) == (False, 0)


@pytest.mark.parametrize("strangers", [0, 6], ids=["walked from their side", "walked from mine"])
async def test_mutual_followers_are_counted_and_three_are_shown(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn, strangers: int
) -> None:
    known = [await make_account(resources) for _ in range(4)]
    await project(resources, *known)
    for friend in known:
        await follow(resources, someone, friend)
        await follow(resources, friend, other)
    for _ in range(strangers):
        await follow(resources, await make_account(resources), other)

    profile = data(await look(api, other, someone))

    names = sorted(friend.person.username for friend in known)
    assert (profile["mutual_followers_number"], profile["followers_number"]) == (4, 4 + strangers)
    assert [face["username"] for face in profile["mutual_followers_list"]] == names[:3]
    assert profile["mutual_followers_list"][0].keys() == {
        "user_id",
        "username",
        "role",
        "display_name",
        "avatar_ipfs_hash",
    }


async def test_mutual_follower_without_a_profile_is_neither_counted_nor_shown(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    newcomer = await make_unknown(resources)
    await follow(resources, someone, newcomer)
    await follow(resources, newcomer, other)

    profile = data(await look(api, other, someone))

    assert (profile["mutual_followers_number"], profile["mutual_followers_list"]) == (0, [])


async def test_blocker_is_not_found_by_the_blocked_user(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await block(resources, other, someone)

    assert refusal(await look(api, other, someone)) == NOT_FOUND


async def test_blocked_user_is_shown_to_the_blocker(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await block(resources, someone, other)

    assert data(await look(api, other, someone))["is_blocked"] is True


async def test_deactivated_account_is_not_found(
    api: httpx.AsyncClient, other: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(other.user["_id"], {"is_active": False})

    assert refusal(await look(api, other)) == NOT_FOUND


async def test_unknown_account_is_not_found(api: httpx.AsyncClient, resources: Resources) -> None:
    response = await api.get(f"/users/profile/{resources.hashes.new_object_id()}")

    assert refusal(response) == NOT_FOUND


@pytest.mark.parametrize("user_id", ["x", "0" * 23, "0" * 25, "g" * 24, "A" * 23, "%7B%24ne%3A1%7D", "' OR 1=1"])
async def test_malformed_id_is_refused(api: httpx.AsyncClient, user_id: str) -> None:
    assert fields(await api.get(f"/users/profile/{user_id}")) == {"path.user_id"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic eDp5"])
async def test_bad_token_is_refused_on_a_public_route(api: httpx.AsyncClient, other: SignedIn, header: str) -> None:
    response = await api.get(f"/users/profile/{other.user['_id']}", headers={"Authorization": header})

    assert refusal(response) == (401, "NotAuthenticated")


async def test_own_account_is_shown_as_to_others(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await project(resources, someone)

    profile = data(await look(api, someone, someone))

    assert profile.keys() == OTHER
    assert (profile["is_following"], profile["is_follower"], profile["is_blocked"]) == (False, False, False)


async def test_profile_shows_the_wallets_newest_first_and_the_primary_one(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    viewer = await make_account(resources)
    primary, other = await with_primary(api, someone), await with_wallet(api, someone)

    profile = data(await api.get(f"/users/profile/{someone.user['_id']}", headers=viewer.bearer))

    assert [wallet["address"] for wallet in profile["wallets"]] == [other.address.lower(), primary.address.lower()]
    assert profile["primary_wallet"]["address"] == primary.address.lower()
