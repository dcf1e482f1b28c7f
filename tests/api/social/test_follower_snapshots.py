"""How followers grew, as people read it: one's own in full, everybody's as numbers, and of nobody who hides."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from api.operations.admin import make_admin
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.follower_snapshots import keep_day
from tests.support.graph import block, project
from tests.support.people import SignedIn

A_DAY = timedelta(days=1)
SNAPSHOTS = "/relationship/snapshot"


def day(ago: int) -> date:
    return datetime.now(UTC).date() - ago * A_DAY


@pytest.fixture
async def fans(resources: Resources) -> Sequence[SignedIn]:
    """Three people in the graph."""
    fans = [await make_account(resources) for _ in range(3)]
    await project(resources, *fans)
    return fans


@pytest.fixture
async def popular(resources: Resources, someone: SignedIn, fans: Sequence[SignedIn]) -> SignedIn:
    """Somebody whose followers were counted on four days: one came, two came, one of them left."""
    first, second, third = (fan.user["_id"] for fan in fans)
    me = someone.user["_id"]
    await project(resources, someone)
    await keep_day(resources, me, day(40), number=7)
    await keep_day(resources, me, day(3), number=8, came=[first])
    await keep_day(resources, me, day(2), number=10, came=[second, third])
    await keep_day(resources, me, day(1), number=9, left=[second])
    return someone


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    admin = await make_account(resources)
    await make_admin(resources, admin.person.username)
    return admin


async def read(api: httpx.AsyncClient, what: str, whose: SignedIn, by: SignedIn, **query: str) -> httpx.Response:
    return await api.get(f"{SNAPSHOTS}/{what}/{whose.user['_id']}", params=query, headers=by.bearer)


async def growth(api: httpx.AsyncClient, whose: SignedIn, by: SignedIn, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = data(await read(api, "growth", whose, by, **query))
    return found


def ids(faces: list[dict[str, Any]]) -> list[str]:
    return [face["user_id"] for face in faces]


async def test_last_month_is_a_point_a_day_oldest_first(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn
) -> None:
    stranger = await make_account(resources)

    points = data(await read(api, "last-month", popular, stranger))

    assert points == [
        {"snapshot_at": f"{day(3)}T02:00:00Z", "followers_number": 8, "gained": 1, "lost": 0},
        {"snapshot_at": f"{day(2)}T02:00:00Z", "followers_number": 10, "gained": 2, "lost": 0},
        {"snapshot_at": f"{day(1)}T02:00:00Z", "followers_number": 9, "gained": 0, "lost": 1},
    ]


async def test_who_was_never_counted_has_no_points(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert data(await read(api, "last-month", someone, someone)) == []


async def test_growth_has_totals_and_who_came_and_left(
    api: httpx.AsyncClient, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    found = await growth(api, popular, popular)

    assert (found["from"], found["to"], found["named_from"]) == (str(day(30)), str(day(0)), str(day(30)))
    assert (found["followers_before"], found["followers_number"]) == (7, 9)
    assert (found["gained"], found["lost"], len(found["points"])) == (3, 1, 3)
    assert ids(found["came"]) == [fans[2].user["_id"], fans[0].user["_id"]]
    assert found["left"] == []
    assert found["came"][0].keys() == {"user_id", "username", "role", "display_name", "avatar_ipfs_hash"}


async def test_growth_is_that_after_the_one_day_up_to_the_other(
    api: httpx.AsyncClient, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    found = await growth(api, popular, popular, **{"from": str(day(2)), "to": str(day(1))})

    assert (found["followers_before"], found["followers_number"], found["gained"], found["lost"]) == (10, 9, 0, 1)
    assert (ids(found["came"]), ids(found["left"])) == ([], [fans[1].user["_id"]])


async def test_admin_reads_anybodys_growth(api: httpx.AsyncClient, popular: SignedIn, admin: SignedIn) -> None:
    assert (await growth(api, popular, admin))["followers_number"] == 9


@pytest.mark.parametrize("what", ["growth", "picture"])
async def test_growth_of_others_is_none_of_ones_business(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, what: str
) -> None:
    stranger = await make_account(resources)
    suffix = ".svg" if what == "picture" else ""

    response = await api.get(f"{SNAPSHOTS}/growth/{popular.user['_id']}{suffix}", headers=stranger.bearer)

    assert refusal(response) == (403, "Forbidden")


async def test_two_who_block_each_other_do_not_meet_in_growth(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    await block(resources, fans[0], popular)
    await block(resources, popular, fans[2])

    found = await growth(api, popular, popular)

    assert (ids(found["came"]), found["gained"]) == ([], 3)


async def test_who_is_deactivated_is_not_named(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    statement = "MATCH (u:User {user_id: $id}) SET u.is_active = false"
    await resources.clients.neo4j.execute_query(statement, id=fans[2].user["_id"])

    found = await growth(api, popular, popular)

    assert ids(found["came"]) == [fans[0].user["_id"]]


async def test_who_is_blocked_finds_no_snapshots_of_the_blocker(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    await block(resources, popular, fans[0])

    assert refusal(await read(api, "last-month", popular, fans[0])) == (404, "UserNotFound")
    assert len(data(await read(api, "last-month", popular, fans[1]))) == 3


async def test_admin_whom_somebody_blocks_finds_no_growth_of_theirs(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, admin: SignedIn
) -> None:
    await block(resources, popular, admin)

    assert refusal(await read(api, "growth", popular, admin)) == (404, "UserNotFound")


async def test_blocker_still_sees_the_blocked(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    await block(resources, fans[0], popular)

    assert len(data(await read(api, "last-month", popular, fans[0]))) == 3


async def test_deactivated_and_unknown_people_have_no_snapshots(
    api: httpx.AsyncClient, popular: SignedIn, admin: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(popular.user["_id"], {"is_active": False})

    unknown = await api.get(f"{SNAPSHOTS}/growth/{'0' * 24}", headers=admin.bearer)

    assert refusal(await read(api, "last-month", popular, admin)) == (404, "UserNotFound")
    assert refusal(await read(api, "growth", popular, admin)) == (404, "UserNotFound")
    assert refusal(unknown) == (404, "UserNotFound")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "query.from"),
        ({"to": "2026-02-30"}, "query.to"),
        ({"from": "1767225600"}, "query.from"),
        ({"to": "2026-01-01T00:00:00Z"}, "query.to"),
        ({"from": "2026-01-02", "to": "2026-01-01"}, "query.from"),
        ({"from": "2024-01-01", "to": "2026-01-01"}, "query.from"),
        ({"to": "2999-01-01"}, "query.to"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".svg"], ids=["numbers", "picture"])
async def test_impossible_days_are_refused_by_name(
    api: httpx.AsyncClient, someone: SignedIn, suffix: str, query: dict[str, str], field: str
) -> None:
    path = f"{SNAPSHOTS}/growth/{someone.user['_id']}{suffix}"

    response = await api.get(path, params=query, headers=someone.bearer)

    assert refusal(response) == (422, "InvalidInput")
    assert [detail["field"] for detail in response.json()["details"]] == [field]


@pytest.mark.parametrize("what", ["last-month/garbage", "growth/garbage", "growth/garbage.svg"])
async def test_what_is_no_id_is_refused(api: httpx.AsyncClient, admin: SignedIn, what: str) -> None:
    assert refusal(await api.get(f"{SNAPSHOTS}/{what}", headers=admin.bearer)) == (422, "InvalidInput")
