"""Mutual followers, and search by name inside the caller's own lists."""

from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from domain.users.users import ProfileChange
from tests.support.accounts import make_account
from tests.support.envelope import refusal
from tests.support.graph import project
from tests.support.people import SignedIn, new_person
from tests.support.relationships import EPOCH_OF_TESTS, MUTUAL, PERSON_FIELDS, ids, ids_of, make_follow, page

pytestmark = pytest.mark.usefixtures("planned")

INSIDE = "/relationship/search"


async def called(resources: Resources, username: str, display_name: str) -> SignedIn:
    person = await make_account(resources, new_person(username=username))
    await resources.users.profiles.change(person.user["_id"], ProfileChange(display_name=display_name), EPOCH_OF_TESTS)
    await project(resources, person)
    return person


@pytest.mark.parametrize("strangers", [0, 6], ids=["walked from their side", "walked from mine"])
async def test_mutual_followers_are_ordered_by_the_newest_follow_of_the_caller(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, owner: SignedIn, strangers: int
) -> None:
    known = [await make_account(resources) for _ in range(3)]
    for minute, friend in enumerate(known):
        await make_follow(resources, me, friend, minute=minute)
        await make_follow(resources, friend, owner, minute=-minute)
    for _ in range(strangers):
        await make_follow(resources, await make_account(resources), owner)

    first = await page(api, f"{MUTUAL}/{owner.user['_id']}", me, limit=2)
    second = await page(api, f"{MUTUAL}/{owner.user['_id']}", me, limit=2, cursor=first["meta"]["next_cursor"])

    assert ids(first) + ids(second) == ids_of(*reversed(known))
    assert first["users"][0].keys() == PERSON_FIELDS
    assert {row["is_following"] for row in (*first["users"], *second["users"])} == {True}
    assert (first["meta"]["total"], second["meta"]["is_last_page"]) == (3, True)


async def test_mutual_followers_of_an_unknown_account_are_not_found(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn
) -> None:
    response = await api.get(f"{MUTUAL}/{resources.hashes.new_object_id()}", headers=me.bearer)

    assert refusal(response) == (404, "UserNotFound")


@pytest.mark.defect(80)
async def test_search_finds_names_only_inside_the_list(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn
) -> None:
    tag = new_person().username
    by_name = await called(resources, f"x{tag}"[:30], "Another Name")
    by_display_name = await called(resources, new_person().username, f"Grace {tag.upper()} Hopper")
    stranger = await called(resources, f"y{tag}"[:30], "Another Name")
    for minute, person in enumerate((by_name, by_display_name, await make_account(resources))):
        await make_follow(resources, person, me, minute=minute)
    await make_follow(resources, me, stranger)

    followers = await page(api, f"{INSIDE}/followers", me, params=tag.title())
    followings = await page(api, f"{INSIDE}/followings", me, params=tag)

    assert ids(followers) == ids_of(by_display_name, by_name)
    assert followers["users"][0].keys() == PERSON_FIELDS
    assert (followers["meta"]["total"], followers["meta"]["total_capped"]) == (2, False)
    assert ids(followings) == ids_of(stranger)


async def test_search_inside_a_list_has_pages(api: httpx.AsyncClient, resources: Resources, me: SignedIn) -> None:
    people = [await make_account(resources) for _ in range(3)]
    for minute, person in enumerate(people):
        await make_follow(resources, me, person, minute=minute)

    first = await page(api, f"{INSIDE}/followings", me, params="USER_", limit=2)
    by_cursor = await page(
        api, f"{INSIDE}/followings", me, params="USER_", limit=2, cursor=first["meta"]["next_cursor"]
    )
    by_number = await page(api, f"{INSIDE}/followings", me, params="USER_", limit=2, page=1)

    assert ids(first) + ids(by_cursor) == ids_of(*reversed(people))
    assert ids(by_number) == ids(by_cursor)


@pytest.mark.parametrize("way", ["followers", "followings"])
async def test_search_without_a_match_is_an_empty_list(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, way: str
) -> None:
    friend = await make_account(resources)
    await make_follow(resources, me, friend)
    await make_follow(resources, friend, me)

    found = await page(api, f"{INSIDE}/{way}", me, params=me.person.username)

    assert (found["users"], found["meta"]["total"]) == ([], 0)


@pytest.mark.defect(23)
@pytest.mark.parametrize("way", ["followers", "followings"])
@pytest.mark.parametrize("typed", ["' OR 1=1 //", "'}) DETACH DELETE u //", "$caller_id", "`}", "\\u0027", ".*", "%"])
async def test_search_text_is_not_run_as_cypher(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, way: str, typed: str
) -> None:
    friend = await make_account(resources)
    await make_follow(resources, me, friend)
    await make_follow(resources, friend, me)

    assert ids(await page(api, f"{INSIDE}/{way}", me, params=typed)) == []
    assert ids(await page(api, f"{INSIDE}/{way}", me, params="user_")) == ids_of(friend)


@pytest.mark.parametrize("query", [{}, {"params": ""}, {"params": "x" * 101}, {"params": "a\u0000"}])
async def test_invalid_text_is_refused(api: httpx.AsyncClient, me: SignedIn, query: dict[str, Any]) -> None:
    response = await api.get(f"{INSIDE}/followers", params=query, headers=me.bearer)

    assert refusal(response) == (422, "InvalidInput")


@pytest.mark.parametrize(
    ("display_name", "typed"),
    [
        ("Ren\u00e9e M\u00fcller", "Rene\u0301e Mu\u0308ller"),
        ("\ud55c\uae00", "\u1112\u1161\u11ab"),
        ("\u0130pek", "\u0130p"),
        ("\u0130pek", "ipek"),
        ("\u03a3\u039f\u03a6\u039f\u03a3", "\u039f\u03a3"),
        ("\u03a6\u03a9\u03a3\u03a4\u0397\u03a1", "\u03a9\u03a3"),
        ("\u03c3\u03bf\u03c6\u03cc\u03c2", "\u03a6\u038c\u03a3"),
    ],
    ids=ascii,
)
async def test_name_in_a_list_is_found_in_any_spelling(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, display_name: str, typed: str
) -> None:
    other = await called(resources, new_person().username, display_name)
    await make_follow(resources, other, me)
    await make_follow(resources, me, other)

    followers = await page(api, f"{INSIDE}/followers", me, params=typed)
    followings = await page(api, f"{INSIDE}/followings", me, params=typed)

    assert ids(followers) == ids(followings) == ids_of(other)
