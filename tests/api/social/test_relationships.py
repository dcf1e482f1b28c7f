"""Relationship of the caller to one account, and to a hundred at once."""

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account, make_unknown
from tests.support.envelope import data, fields, refusal
from tests.support.people import SignedIn
from tests.support.relationships import PERSON_FIELDS, make_block, make_follow

STATUS = "/relationship/status"
NOT_FOUND = (404, "UserNotFound")

pytestmark = pytest.mark.usefixtures("planned")


async def look(api: httpx.AsyncClient, at: SignedIn, by: SignedIn | None = None) -> httpx.Response:
    return await api.get(f"/relationship/user/{at.user['_id']}", headers=by.bearer if by else {})


async def status(api: httpx.AsyncClient, by: SignedIn, user_ids: list[str]) -> httpx.Response:
    return await api.post(STATUS, json={"user_ids": user_ids}, headers=by.bearer)


async def test_summary_and_counts_are_public(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await make_follow(resources, someone, other)

    shown = data(await look(api, other))

    assert shown.keys() == PERSON_FIELDS
    assert (shown["user_id"], shown["username"]) == (other.user["_id"], other.person.username)
    assert (shown["followers_number"], shown["is_follower"]) == (1, False)


@pytest.mark.defect(52)
async def test_counts_match_the_edges(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    for _ in range(3):
        await make_follow(resources, someone, other)
    await make_follow(resources, other, someone)
    await resources.social.follows.unfollow(other.user["_id"], someone.user["_id"])
    await resources.social.follows.unfollow(other.user["_id"], someone.user["_id"])

    shown = data(await look(api, other, someone))

    assert (shown["followers_number"], shown["following_number"]) == (1, 0)
    assert (shown["is_following"], shown["is_follower"]) == (True, False)


async def test_account_not_yet_in_the_graph_is_found(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    newcomer = await make_unknown(resources)

    assert data(await look(api, newcomer, someone))["username"] == newcomer.person.username


@pytest.mark.defect(93)
async def test_unknown_account_is_not_found(api: httpx.AsyncClient, resources: Resources) -> None:
    response = await api.get(f"/relationship/user/{resources.hashes.new_object_id()}")

    assert refusal(response) == NOT_FOUND


async def test_deactivated_account_is_not_found(
    api: httpx.AsyncClient, other: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(other.user["_id"], {"is_active": False})

    assert refusal(await look(api, other)) == NOT_FOUND


async def test_blocker_is_hidden_from_the_blocked_user_but_not_the_reverse(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await make_block(resources, other, someone)

    assert refusal(await look(api, other, someone)) == NOT_FOUND
    assert data(await look(api, someone, other))["is_blocked"] is True


async def test_status_has_the_order_of_the_request(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    followed_by_me, follower, hidden, stranger = [await make_account(resources) for _ in range(4)]
    await make_follow(resources, someone, followed_by_me)
    await make_follow(resources, follower, someone)
    await make_block(resources, someone, hidden)
    asked = [each.user["_id"] for each in (stranger, hidden, follower, followed_by_me)]

    rows = data(await status(api, someone, asked))["users"]

    assert [row["user_id"] for row in rows] == asked
    assert [(row["is_following"], row["is_follower"], row["is_blocked"]) for row in rows] == [
        (False, False, False),
        (False, False, True),
        (False, True, False),
        (True, False, False),
    ]


async def test_status_does_not_reveal_a_block_of_the_caller(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, other: SignedIn
) -> None:
    await make_block(resources, other, someone)
    unknown = resources.hashes.new_object_id()

    blocker, unknown_user = data(await status(api, someone, [other.user["_id"], unknown]))["users"]

    assert {**blocker, "user_id": unknown} == unknown_user


async def test_status_accepts_a_hundred_ids_and_refuses_more(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    people = [resources.hashes.new_object_id() for _ in range(101)]

    assert len(data(await status(api, someone, people[:100]))["users"]) == 100
    assert fields(await status(api, someone, people)) == {"body.user_ids"}


async def test_status_of_no_ids_is_an_empty_list(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert data(await status(api, someone, []))["users"] == []
