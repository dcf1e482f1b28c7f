"""Growth of followers: in full for the owner, as numbers for others, and not of hidden accounts."""

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
    """Three accounts in the graph."""
    fans = [await make_account(resources) for _ in range(3)]
    await project(resources, *fans)
    return fans


@pytest.fixture
async def popular(resources: Resources, someone: SignedIn, fans: Sequence[SignedIn]) -> SignedIn:
    """An account with follower snapshots of four days: one follower gained, two gained, one of those lost."""
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


async def test_last_month_has_one_point_per_day_oldest_first(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn
) -> None:
    stranger = await make_account(resources)

    points = data(await read(api, "last-month", popular, stranger))

    assert points == [
        {"snapshot_at": f"{day(3)}T02:00:00.000Z", "followers_number": 8, "gained": 1, "lost": 0},
        {"snapshot_at": f"{day(2)}T02:00:00.000Z", "followers_number": 10, "gained": 2, "lost": 0},
        {"snapshot_at": f"{day(1)}T02:00:00.000Z", "followers_number": 9, "gained": 0, "lost": 1},
    ]


async def test_account_without_snapshots_has_no_points(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert data(await read(api, "last-month", someone, someone)) == []


async def test_growth_has_totals_and_gained_and_lost_followers(
    api: httpx.AsyncClient, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    found = await growth(api, popular, popular)

    assert (found["from"], found["to"], found["named_from"]) == (str(day(30)), str(day(0)), str(day(30)))
    assert (found["followers_before"], found["followers_number"]) == (7, 9)
    assert (found["gained"], found["lost"], len(found["points"])) == (3, 1, 3)
    assert ids(found["came"]) == [fans[2].user["_id"], fans[0].user["_id"]]
    assert found["left"] == []
    assert found["came"][0].keys() == {"user_id", "username", "role", "display_name", "avatar_ipfs_hash"}


async def test_growth_excludes_its_first_day_and_includes_its_last(
    api: httpx.AsyncClient, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    found = await growth(api, popular, popular, **{"from": str(day(2)), "to": str(day(1))})

    assert (found["followers_before"], found["followers_number"], found["gained"], found["lost"]) == (10, 9, 0, 1)
    assert (ids(found["came"]), ids(found["left"])) == ([], [fans[1].user["_id"]])


async def test_admin_reads_growth_of_any_account(api: httpx.AsyncClient, popular: SignedIn, admin: SignedIn) -> None:
    assert (await growth(api, popular, admin))["followers_number"] == 9


@pytest.mark.parametrize("what", ["growth", "picture"])
async def test_growth_of_another_account_is_refused(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, what: str
) -> None:
    stranger = await make_account(resources)
    suffix = ".svg" if what == "picture" else ""

    response = await api.get(f"{SNAPSHOTS}/growth/{popular.user['_id']}{suffix}", headers=stranger.bearer)

    assert refusal(response) == (403, "Forbidden")


async def test_growth_does_not_list_blocked_or_blocking_followers(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    await block(resources, fans[0], popular)
    await block(resources, popular, fans[2])

    found = await growth(api, popular, popular)

    assert (ids(found["came"]), found["gained"]) == ([], 3)


async def test_growth_does_not_list_deactivated_followers(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    statement = "MATCH (u:User {user_id: $id}) SET u.is_active = false"
    await resources.clients.neo4j.execute_query(statement, id=fans[2].user["_id"])

    found = await growth(api, popular, popular)

    assert ids(found["came"]) == [fans[0].user["_id"]]


async def test_snapshots_of_a_blocker_are_not_found(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    await block(resources, popular, fans[0])

    assert refusal(await read(api, "last-month", popular, fans[0])) == (404, "UserNotFound")
    assert len(data(await read(api, "last-month", popular, fans[1]))) == 3


async def test_growth_of_an_account_that_blocks_the_admin_is_not_found(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, admin: SignedIn
) -> None:
    await block(resources, popular, admin)

    assert refusal(await read(api, "growth", popular, admin)) == (404, "UserNotFound")


async def test_blocker_reads_snapshots_of_the_blocked_account(
    api: httpx.AsyncClient, resources: Resources, popular: SignedIn, fans: Sequence[SignedIn]
) -> None:
    await block(resources, fans[0], popular)

    assert len(data(await read(api, "last-month", popular, fans[0]))) == 3


async def test_snapshots_of_deactivated_and_unknown_accounts_are_not_found(
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
        ({"to": "0001-01-10"}, "query.to"),
        ({"to": "0001-01-01"}, "query.to"),
        ({"from": "0001-01-01"}, "query.from"),
        ({"from": "9999-12-31"}, "query.from"),
        ({"from": "0000-00-00"}, "query.from"),
        ({"to": "10000-01-01"}, "query.to"),
    ],
)
@pytest.mark.parametrize("suffix", ["", ".svg"], ids=["numbers", "picture"])
async def test_invalid_days_are_refused_by_field(
    api: httpx.AsyncClient, someone: SignedIn, suffix: str, query: dict[str, str], field: str
) -> None:
    path = f"{SNAPSHOTS}/growth/{someone.user['_id']}{suffix}"

    response = await api.get(path, params=query, headers=someone.bearer)

    assert refusal(response) == (422, "InvalidInput")
    assert [detail["field"] for detail in response.json()["details"]] == [field]


@pytest.mark.parametrize("what", ["last-month/garbage", "growth/garbage", "growth/garbage.svg"])
async def test_malformed_id_is_refused(api: httpx.AsyncClient, admin: SignedIn, what: str) -> None:
    assert refusal(await api.get(f"{SNAPSHOTS}/{what}", headers=admin.bearer)) == (422, "InvalidInput")
