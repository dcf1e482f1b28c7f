"""Search: matches, order and pages, and the accounts that are never found."""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from domain.users.users import ProfileChange
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.envelope import data, fields, refusal
from tests.support.graph import block, follow, project
from tests.support.people import SignedIn, new_person
from tests.support.relationships import PERSON_FIELDS

SEARCH = "/users/search"

pytestmark = pytest.mark.usefixtures("planned")
Named = Callable[[str, str], Awaitable[SignedIn]]


@pytest.fixture
def tag() -> str:
    """Ten random consonants: in no name of another test, and at least two typos from any of them."""
    return "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(10))


@pytest.fixture
def named(resources: Resources) -> Named:
    """Makes an account with this username and display name, in the graph."""

    async def make(username: str, display_name: str) -> SignedIn:
        someone = await make_account(resources, new_person(username=username))
        user_id, created = someone.user["_id"], (await resources.users.users.find(someone.user["_id"]))
        assert created is not None
        await resources.users.profiles.change(user_id, ProfileChange(display_name=display_name), created.created_at)
        await project(resources, someone)
        return someone

    return make


async def search(api: httpx.AsyncClient, by: SignedIn, q: str, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = data(await api.get(SEARCH, params={"q": q, **query}, headers=by.bearer))
    return found


def names(page: dict[str, Any]) -> list[str]:
    return [row["username"] for row in page["users"]]


@pytest.mark.defect(78, 79)
async def test_best_match_comes_first(api: httpx.AsyncClient, someone: SignedIn, named: Named, tag: str) -> None:
    mistyped = await named(tag[:4] + "e" + tag[5:], "Another Name")
    displayed = await named(f"x{secrets.token_hex(6)}", f"Grace {tag.title()}son")
    begun = await named(f"{tag}_2", "Another Name")
    exact = await named(tag, "Another Name")

    page = await search(api, someone, tag.upper())

    assert names(page) == [each.person.username for each in (exact, begun, displayed, mistyped)]
    assert page["users"][0].keys() == PERSON_FIELDS
    assert page["meta"] == {
        "total": 4,
        "page": 0,
        "limit": 20,
        "is_last_page": True,
        "next_cursor": None,
        "total_capped": False,
    }


async def test_account_that_matches_in_every_way_is_found_once(
    api: httpx.AsyncClient, someone: SignedIn, named: Named, tag: str
) -> None:
    await named(tag, f"{tag} {tag}a {tag}b")

    page = await search(api, someone, tag)

    assert (names(page), page["meta"]["total"]) == ([tag], 1)


@pytest.mark.parametrize(
    ("display_name", "typed"),
    [
        ("{tag} van Dyk", "van {tag}"),
        ("Anna {tag}", "an {tag}"),
        ("O'{tag} Neil", "o'{tag}"),
        ("Jos\u00e9 {tag}", "jose {tag}"),
        ("Женя {tag}", "ЖЕН {tag}"),
        ("हिन्दी {tag}", "हिन्दी {tag}"),
        ("山田太郎 {tag}", "山田 {tag}"),
        ("\U0001f600{tag}\U0001f600", "{tag}"),
        ("{tag}", "  {tag}!? "),
        ("Ren\u00e9e {tag}", "Rene\u0301e {tag}"),
        ("\ud55c\uae00 {tag}", "\u1112\u1161\u11ab\u1100\u1173\u11af {tag}"),
        ("\u0130pek {tag}", "\u0130p {tag}"),
        ("\u00bd price {tag}", "\u00bd price {tag}"),
    ],
)
async def test_parts_of_a_display_name_find_it(
    api: httpx.AsyncClient, someone: SignedIn, named: Named, tag: str, display_name: str, typed: str
) -> None:
    other = await named(f"y{secrets.token_hex(6)}", display_name.format(tag=tag))

    assert names(await search(api, someone, typed.format(tag=tag))) == [other.person.username]


async def test_every_term_has_to_match(api: httpx.AsyncClient, someone: SignedIn, named: Named, tag: str) -> None:
    await named(f"y{secrets.token_hex(6)}", f"Anna {tag}")

    assert names(await search(api, someone, f"{tag} berta")) == []


@pytest.mark.parametrize("change", [lambda t: t[1:], lambda t: t + "q", lambda t: t[1] + t[0] + t[2:]])
async def test_one_letter_missing_added_or_swapped_still_matches(
    api: httpx.AsyncClient, someone: SignedIn, named: Named, change: Callable[[str], str]
) -> None:
    tag = "zq" + "".join(secrets.choice("bcdfghjklm") for _ in range(8))
    await named(tag, "Another Name")

    assert names(await search(api, someone, change(tag))) == [tag]


async def test_two_typos_do_not_match(api: httpx.AsyncClient, someone: SignedIn, named: Named, tag: str) -> None:
    await named(tag, "Another Name")

    assert names(await search(api, someone, "yy" + tag[2:])) == []


async def test_flags_are_relative_to_the_caller(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, named: Named, tag: str
) -> None:
    other, friend = await named(tag, "Another Name"), await make_account(resources)
    await follow(resources, someone, other)
    await follow(resources, someone, friend)
    await follow(resources, friend, other)

    (row,) = (await search(api, someone, tag))["users"]

    assert (row["is_following"], row["is_follower"], row["is_blocked"]) == (True, False, False)
    assert (row["followers_number"], row["following_number"], row["mutual_followers_number"]) == (2, 0, 1)


@pytest.mark.parametrize("who", ["caller", "other"])
async def test_blocked_or_blocking_user_is_not_found(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, named: Named, tag: str, who: str
) -> None:
    other = await named(tag, "Another Name")
    pair = {"caller": (someone, other), "other": (other, someone)}
    await block(resources, *pair[who])

    page = await search(api, someone, tag)

    assert (names(page), page["meta"]["total"]) == ([], 0)


@pytest.mark.defect(79)
async def test_deactivated_user_is_not_found(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, named: Named, change_user: ChangeUser, tag: str
) -> None:
    gone, there = await named(tag, "Another Name"), await named(f"{tag}_2", "Another Name")
    await change_user(gone.user["_id"], {"is_active": False})
    await project(resources, gone)

    page = await search(api, someone, tag)

    assert (names(page), page["meta"]["total"]) == ([there.person.username], 1)


async def test_pages_by_number_and_by_cursor_are_the_same(
    api: httpx.AsyncClient, someone: SignedIn, named: Named, tag: str
) -> None:
    for number in range(5):
        await named(f"{tag}_{number}", f"Another {tag}")
    everybody = names(await search(api, someone, tag))

    pages = [await search(api, someone, tag, limit=2, page=number) for number in range(3)]
    second = await search(api, someone, tag, limit=2, cursor=pages[0]["meta"]["next_cursor"])
    third = await search(api, someone, tag, limit=2, cursor=second["meta"]["next_cursor"])

    assert [name for page in pages for name in names(page)] == everybody
    assert (names(second), names(third)) == (names(pages[1]), names(pages[2]))
    assert [page["meta"]["is_last_page"] for page in pages] == [False, False, True]
    assert {page["meta"]["total"] for page in (*pages, second, third)} == {5}


async def test_account_added_between_two_pages_shifts_no_row(
    api: httpx.AsyncClient, someone: SignedIn, named: Named, tag: str
) -> None:
    for number in range(3):
        await named(f"{tag}_{number}", "Another Name")
    everybody = names(await search(api, someone, tag))
    first = await search(api, someone, tag, limit=2)

    await named(tag, "Now the best fit")
    second = await search(api, someone, tag, limit=2, cursor=first["meta"]["next_cursor"])

    assert names(first) + names(second) == everybody


async def test_page_past_the_end_is_empty_and_has_the_total(
    api: httpx.AsyncClient, someone: SignedIn, named: Named, tag: str
) -> None:
    await named(tag, "Another Name")

    page = await search(api, someone, tag, page=7)

    assert (names(page), page["meta"]["total"], page["meta"]["is_last_page"]) == ([], 1, True)


@pytest.mark.defect(77)
@pytest.mark.parametrize("typed", ["a", "*", "\U0001f600", "***:::", "   "])
async def test_too_short_query_finds_nothing(api: httpx.AsyncClient, someone: SignedIn, typed: str) -> None:
    assert (await search(api, someone, typed))["users"] == []


@pytest.mark.defect(77)
@pytest.mark.parametrize(
    "typed",
    [
        "*:*",
        "username:*",
        "{tag} OR *",
        "[a TO z]",
        "/.*/",
        "x~2",
        "^8",
        '"',
        "(((",
        "\\",
        "' OR 1=1 //",
        "'}) DETACH DELETE u //",
        "$caller_id",
        "`}",
    ],
)
async def test_query_operators_are_searched_as_text(
    api: httpx.AsyncClient, someone: SignedIn, named: Named, tag: str, typed: str
) -> None:
    await named(tag, "Another Name")

    found = names(await search(api, someone, typed.format(tag=tag) if "{tag}" in typed else typed))

    assert tag not in found


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": ""},
        {"q": "x" * 101},
        {"q": "nul\u0000"},
        {"q": "anna", "page": -1},
        {"q": "anna", "limit": 0},
        {"q": "anna", "limit": 101},
        {"q": "anna", "cursor": "garbage"},
        {"q": "anna", "cursor": "4-{$ne: 1}"},
    ],
)
async def test_invalid_query_is_refused(api: httpx.AsyncClient, someone: SignedIn, query: dict[str, Any]) -> None:
    response = await api.get(SEARCH, params=query, headers=someone.bearer)

    assert refusal(response) == (422, "InvalidInput")


async def test_too_deep_page_is_refused_with_a_hint_to_the_cursor(api: httpx.AsyncClient, someone: SignedIn) -> None:
    response = await api.get(SEARCH, params={"q": "anna", "page": 101, "limit": 100}, headers=someone.bearer)

    assert fields(response)
    assert "cursor" in response.json()["details"][0]["message"]


async def test_search_without_a_token_is_refused(api: httpx.AsyncClient) -> None:
    assert refusal(await api.get(SEARCH, params={"q": "anna"})) == (401, "NotAuthenticated")


async def test_new_display_name_is_found_at_once(api: httpx.AsyncClient, someone: SignedIn, tag: str) -> None:
    data(await api.put("/users/profile/display-name", json={"display_name": tag}, headers=someone.bearer))

    assert names(await search(api, someone, tag)) == [someone.person.username]


async def test_user_who_has_just_registered_is_found_at_once(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, tag: str
) -> None:
    await make_account(resources, new_person(username=tag), is_in_graph=False)

    assert names(await search(api, someone, tag)) == [tag]
