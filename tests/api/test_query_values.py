"""Parameters in a query, on every route that has them: an empty one is not said, an extreme one is no server error."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from tests.support.envelope import data, fields
from tests.support.people import SignedIn
from tests.support.signed_in import on_device

LISTS = [
    "/auth/security-events",
    "/notifications",
    "/relationship/block/blocked",
    "/relationship/follow/followers?user_id={me}",
    "/relationship/follow/followers/me",
    "/relationship/follow/followings?user_id={me}",
    "/relationship/follow/followings/me",
    "/relationship/interest/suggest-user",
    "/relationship/mutual/followers/{me}",
    "/relationship/search/followers?params=a",
    "/relationship/search/followings?params=a",
    "/relationship/suggest",
    "/users/search?q=anna",
]
GROWTH = ["/relationship/snapshot/growth/{me}", "/relationship/snapshot/growth/{me}.svg"]
ID = "f" * 24

pytestmark = pytest.mark.usefixtures("planned")


async def ask(api: httpx.AsyncClient, by: SignedIn, routes: list[str], query: str) -> Mapping[str, httpx.Response]:
    """The answer of each route to this query."""
    paths = [route.format(me=by.user["_id"]) for route in routes]
    urls = [f"{path}{'&' if '?' in path else '?'}{query}" for path in paths]
    answers = await asyncio.gather(*(api.get(url, headers=on_device(by)) for url in urls))
    return dict(zip(routes, answers, strict=True))


@pytest.mark.parametrize("query", ["page=&limit=&cursor=&unread=", "page=0&limit=", "cursor=&page=1"])
async def test_empty_parameter_of_a_list_is_not_said(api: httpx.AsyncClient, someone: SignedIn, query: str) -> None:
    answers = await ask(api, someone, LISTS, query)

    assert {route: answer.status_code for route, answer in answers.items()} == dict.fromkeys(LISTS, 200)
    assert {data(answer)["meta"]["limit"] for answer in answers.values()} == {20}


async def test_empty_day_is_not_said(api: httpx.AsyncClient, someone: SignedIn) -> None:
    empty, silent = [(await ask(api, someone, GROWTH[:1], query))[GROWTH[0]] for query in ("from=&to=", "")]

    assert data(empty) == data(silent)


async def test_day_that_is_yet_to_come_is_today(api: httpx.AsyncClient, someone: SignedIn) -> None:
    last, silent = [(await ask(api, someone, GROWTH[:1], query))[GROWTH[0]] for query in ("to=9999-12-31", "")]

    assert data(last) == data(silent)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/users/search?q=", "query.q"),
        ("/relationship/search/followers?params=", "query.params"),
        ("/relationship/follow/followers?user_id=", "query.user_id"),
        ("/users/search/existing-username?username=", "query.username"),
    ],
)
async def test_empty_parameter_that_is_required_is_missing(
    api: httpx.AsyncClient, someone: SignedIn, path: str, field: str
) -> None:
    assert fields(await api.get(path, headers=someone.bearer)) == {field}


@pytest.mark.parametrize("number", ["-1", "9223372036854775807", "9223372036854775808", "9" * 400, "9" * 5_000])
@pytest.mark.parametrize("name", ["page", "limit"])
async def test_number_out_of_range_is_refused_by_every_list(
    api: httpx.AsyncClient, someone: SignedIn, name: str, number: str
) -> None:
    answers = await ask(api, someone, LISTS, f"{name}={number}")

    assert {route: answer.status_code for route, answer in answers.items()} == dict.fromkeys(LISTS, 422)


@pytest.mark.parametrize("number", ["1e3", "1.5", "0x10", "NaN", "Infinity", "1_0", "\u0661", "true", "null", "%00"])
@pytest.mark.parametrize("name", ["page", "limit"])
async def test_other_than_a_number_is_refused_or_read_but_no_server_error(
    api: httpx.AsyncClient, someone: SignedIn, name: str, number: str
) -> None:
    answers = await ask(api, someone, LISTS, f"{name}={number}")

    assert {answer.status_code for answer in answers.values()} <= {200, 422}


@pytest.mark.parametrize(
    "cursor",
    [
        f"{'9' * 14}-{ID}",
        f"{'9' * 15}-{ID}",
        f"{2**63}-{ID}",
        f"0-{'0' * 24}",
        f"8-{ID.upper()}",
        f"-1-{ID}",
        "9" * 15,
        str(2**63),
        "99-zzz",
        "\u0661-" + ID,
        "%00",
        "x" * 101,
    ],
)
async def test_extreme_cursor_is_no_server_error(api: httpx.AsyncClient, someone: SignedIn, cursor: str) -> None:
    answers = await ask(api, someone, LISTS, f"cursor={cursor}")

    assert {answer.status_code for answer in answers.values()} <= {200, 422}


@pytest.mark.parametrize(
    "day", ["0001-01-01", "0001-01-10", "0000-01-01", "9999-12-31", "10000-01-01", "-0001-01-01", "2026-02-29", "%00"]
)
@pytest.mark.parametrize("name", ["from", "to"])
async def test_day_at_the_edge_of_the_calendar_is_no_server_error(
    api: httpx.AsyncClient, someone: SignedIn, name: str, day: str
) -> None:
    answers = await ask(api, someone, GROWTH, f"{name}={day}")

    assert {answer.status_code for answer in answers.values()} <= {200, 422}
