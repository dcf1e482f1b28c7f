"""Followers and followings: order, pages, and flags relative to the caller."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from tests.support.accounts import make_account, make_unknown
from tests.support.envelope import data, fields, refusal
from tests.support.people import SignedIn
from tests.support.relationships import FOLLOW, PERSON_FIELDS, ids, ids_of, make_follow, page

pytestmark = pytest.mark.usefixtures("planned")

FOLLOWERS, FOLLOWINGS = f"{FOLLOW}/followers", f"{FOLLOW}/followings"
Join = Callable[..., Awaitable[None]]


async def as_follower(resources: Resources, owner: SignedIn, other: SignedIn, minute: int) -> None:
    await make_follow(resources, other, owner, minute=minute)


async def as_following(resources: Resources, owner: SignedIn, other: SignedIn, minute: int) -> None:
    await make_follow(resources, owner, other, minute=minute)


BOTH = pytest.mark.parametrize(
    ("path", "join"), [(FOLLOWERS, as_follower), (FOLLOWINGS, as_following)], ids=["followers", "followings"]
)


async def joined(resources: Resources, owner: SignedIn, join: Join, count: int) -> list[SignedIn]:
    """Add `count` accounts to the list, a minute apart. Returns them newest first."""
    people = [await make_account(resources) for _ in range(count)]
    for minute, person in enumerate(people):
        await join(resources, owner, person, minute)
    return people[::-1]


@BOTH
async def test_newest_edge_comes_first_with_all_flags(
    api: httpx.AsyncClient, resources: Resources, owner: SignedIn, path: str, join: Join
) -> None:
    people = await joined(resources, owner, join, 3)

    own = await page(api, f"{path}/me", owner)

    assert ids(own) == ids_of(*people)
    assert own["users"][0].keys() == PERSON_FIELDS
    assert own["users"][0]["username"] == people[0].person.username
    assert own["meta"] == {"total": 3, "page": 0, "limit": 20, "is_last_page": True, "next_cursor": None}


@pytest.mark.defect(107)
@BOTH
async def test_pages_by_number_and_by_cursor_are_the_same(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, owner: SignedIn, path: str, join: Join
) -> None:
    people = await joined(resources, owner, join, 5)
    query = {"user_id": owner.user["_id"], "limit": 2}

    pages = [await page(api, path, someone, **query, page=number) for number in range(3)]
    second = await page(api, path, someone, **query, cursor=pages[0]["meta"]["next_cursor"])
    third = await page(api, path, someone, **query, cursor=second["meta"]["next_cursor"])

    assert [user_id for each in pages for user_id in ids(each)] == ids_of(*people)
    assert (ids(second), ids(third)) == (ids(pages[1]), ids(pages[2]))
    assert [each["meta"]["is_last_page"] for each in pages] == [False, False, True]
    assert {each["meta"]["total"] for each in (*pages, second, third)} == {5}


@BOTH
async def test_edges_with_one_timestamp_are_ordered_by_id(
    api: httpx.AsyncClient, resources: Resources, owner: SignedIn, path: str, join: Join
) -> None:
    people = [await make_account(resources) for _ in range(4)]
    for person in people:
        await join(resources, owner, person, 7)

    first = await page(api, f"{path}/me", owner, limit=3)
    second = await page(api, f"{path}/me", owner, limit=3, cursor=first["meta"]["next_cursor"])

    assert ids(first) + ids(second) == sorted(ids_of(*people), reverse=True)


@BOTH
async def test_edge_added_between_two_pages_shifts_no_row(
    api: httpx.AsyncClient, resources: Resources, owner: SignedIn, path: str, join: Join
) -> None:
    people = await joined(resources, owner, join, 4)
    first = await page(api, f"{path}/me", owner, limit=2)

    await join(resources, owner, await make_account(resources), 60)
    second = await page(api, f"{path}/me", owner, limit=2, cursor=first["meta"]["next_cursor"])

    assert ids(first) + ids(second) == ids_of(*people)
    assert second["meta"]["total"] == 5


@pytest.mark.defect(83)
@BOTH
async def test_flags_in_the_list_of_another_account_are_relative_to_the_caller(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, owner: SignedIn, path: str, join: Join
) -> None:
    (row, friend) = [await make_account(resources) for _ in range(2)]
    await join(resources, owner, row, 0)
    for by, whom in ((someone, row), (row, someone), (someone, friend), (friend, row)):
        await make_follow(resources, by, whom)

    (shown,) = (await page(api, path, someone, user_id=owner.user["_id"]))["users"]

    flags = {name: shown[name] for name in ("is_following", "is_follower", "is_blocked", "mutual_followers_number")}
    assert flags == {"is_following": True, "is_follower": True, "is_blocked": False, "mutual_followers_number": 1}


@BOTH
async def test_list_of_an_account_not_yet_in_the_graph_is_empty(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, path: str, join: Join
) -> None:
    newcomer = await make_unknown(resources)

    pages = [
        await page(api, path, someone, user_id=newcomer.user["_id"]),
        await page(api, f"{path}/me", newcomer),
    ]

    assert [(each["users"], each["meta"]["total"]) for each in pages] == [([], 0)] * 2


@BOTH
async def test_list_of_an_unknown_account_is_not_found(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, path: str, join: Join
) -> None:
    response = await api.get(path, params={"user_id": resources.hashes.new_object_id()}, headers=someone.bearer)

    assert refusal(response) == (404, "UserNotFound")


@pytest.mark.parametrize("path", [f"{FOLLOWERS}/me", f"{FOLLOWINGS}/me", "/relationship/block/blocked"])
async def test_too_deep_page_is_refused_with_a_hint_to_the_cursor(
    api: httpx.AsyncClient, someone: SignedIn, path: str
) -> None:
    deepest = data(await api.get(path, params={"page": 100, "limit": 100}, headers=someone.bearer))
    response = await api.get(path, params={"page": 101, "limit": 100}, headers=someone.bearer)

    assert deepest["users"] == []
    assert fields(response)
    assert "cursor" in response.json()["details"][0]["message"]


@pytest.mark.defect(92)
@pytest.mark.parametrize("path", [FOLLOWERS, f"{FOLLOWERS}/me", FOLLOWINGS, f"{FOLLOWINGS}/me"])
@pytest.mark.parametrize(
    "query", [{"page": -1}, {"page": 0.5}, {"limit": 0}, {"limit": 101}, {"cursor": "garbage"}, {"user_id": "x"}]
)
async def test_invalid_page_is_refused(
    api: httpx.AsyncClient, someone: SignedIn, path: str, query: dict[str, Any]
) -> None:
    asked = {"user_id": someone.user["_id"], **query} if not path.endswith("/me") else {"page": -1, **query}

    response = await api.get(path, params=asked, headers=someone.bearer)

    assert refusal(response) == (422, "InvalidInput")
