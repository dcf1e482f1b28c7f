"""The caller's own profile, and the availability of a username."""

import asyncio

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.api.contract_shapes import PROFILE
from tests.support.accounts import make_account
from tests.support.envelope import data, fields
from tests.support.people import SignedIn, begin, new_person

ME = "/users/profile/me"
AVAILABLE = "/users/search/existing-username"

OWN_PROFILE = PROFILE | {
    "email",
    "wallets",
    "primary_wallet",
    "following_number",
    "followers_number",
    "is_online",
    "pending_flows",
}


async def test_own_profile_has_the_documented_fields(api: httpx.AsyncClient, someone: SignedIn) -> None:
    profile = data(await api.get(ME, headers=someone.bearer))

    assert profile.keys() == OWN_PROFILE
    assert profile["_id"] == someone.user["_id"]
    assert (profile["username"], profile["display_name"]) == (someone.person.username, someone.person.username)
    assert profile["email"] == someone.person.email
    assert (profile["bio"], profile["avatar_ipfs_hash"], profile["role"]) == ("", None, "user")
    assert (profile["wallets"], profile["primary_wallet"], profile["pending_flows"]) == ([], None, [])
    assert (profile["following_number"], profile["followers_number"], profile["is_online"]) == (0, 0, False)


async def test_profile_shows_no_credentials(api: httpx.AsyncClient, someone: SignedIn) -> None:
    response = await api.get(ME, headers=someone.bearer)

    assert "argon2" not in response.text
    assert someone.person.fingerprint not in response.text


async def test_counts_come_from_the_graph(api: httpx.AsyncClient, someone: SignedIn, resources: Resources) -> None:
    await resources.clients.neo4j.execute_query(
        "MERGE (u:User {user_id: $id}) CREATE (u)-[:FOLLOWING]->(:Unknown), (u)<-[:FOLLOWING]-(:Unknown), "
        "(u)<-[:FOLLOWING]-(:Unknown)",
        id=someone.user["_id"],
    )

    profile = data(await api.get(ME, headers=someone.bearer))

    assert (profile["following_number"], profile["followers_number"]) == (1, 2)


@pytest.mark.defect(72)
async def test_changed_account_is_shown_at_once(
    api: httpx.AsyncClient, someone: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(someone.user["_id"], {"bio": "line one\nline two"})

    assert data(await api.get(ME, headers=someone.bearer))["bio"] == "line one\nline two"


async def test_profiles_asked_for_together_are_each_callers_own(api: httpx.AsyncClient, resources: Resources) -> None:
    people = [await make_account(resources) for _ in range(8)] * 5

    profiles = await asyncio.gather(*(api.get(ME, headers=each.bearer) for each in people))

    assert [data(each)["_id"] for each in profiles] == [each.user["_id"] for each in people]
    assert [data(each)["email"] for each in profiles] == [each.person.email for each in people]


async def test_changes_are_in_profiles_that_are_read_while_others_are(
    api: httpx.AsyncClient, resources: Resources
) -> None:
    people = [await make_account(resources) for _ in range(6)]

    async def sees_change(someone: SignedIn, bio: str) -> bool:
        data(await api.put("/users/profile/bio", json={"bio": bio}, headers=someone.bearer))
        return bool(data(await api.get(ME, headers=someone.bearer))["bio"] == bio)

    async def sees_changes(someone: SignedIn) -> list[bool]:
        return [await sees_change(someone, f"the {number}th") for number in range(8)]

    assert await asyncio.gather(*map(sees_changes, people)) == [[True] * 8] * 6


async def test_free_name_is_available(api: httpx.AsyncClient) -> None:
    response = await api.get(AVAILABLE, params={"username": new_person().username})

    assert data(response) == {"available": True, "reason": None}


@pytest.mark.parametrize("change", [str, str.upper])
async def test_name_of_an_account_is_taken(api: httpx.AsyncClient, someone: SignedIn, change: type[str]) -> None:
    response = await api.get(AVAILABLE, params={"username": change(someone.person.username)})

    assert data(response) == {"available": False, "reason": "taken"}


async def test_held_name_is_taken_until_its_flow_ends(api: httpx.AsyncClient) -> None:
    person = new_person()
    flow = await begin(api, person)

    held = await api.get(AVAILABLE, params={"username": person.username})

    assert data(held) == {"available": False, "reason": "taken"}
    assert data(await api.get(f"/flows/{flow['flow_id']}"))["state"] == "waiting"


@pytest.mark.parametrize("name", ["admin", "Support", "NULL", "www"])
async def test_reserved_name_is_not_available(api: httpx.AsyncClient, name: str) -> None:
    response = await api.get(AVAILABLE, params={"username": name})

    assert data(response) == {"available": False, "reason": "reserved"}


@pytest.mark.parametrize("name", ["", "ab", "a" * 31, "a b c", "abc\n", "abc\u0000", "ünïcode", "{$ne: 1}"])
async def test_malformed_name_is_refused(api: httpx.AsyncClient, name: str) -> None:
    response = await api.get(AVAILABLE, params={"username": name})

    assert fields(response) == {"query.username"}


async def test_request_without_a_name_is_refused(api: httpx.AsyncClient) -> None:
    assert fields(await api.get(AVAILABLE)) == {"query.username"}
