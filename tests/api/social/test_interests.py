"""Interests: set, added to, listed; and users found by them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from domain.social.interests import MAX_CANDIDATES, Interest
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account, make_unknown
from tests.support.envelope import data, fields, refusal
from tests.support.graph import graph_user, project
from tests.support.people import SignedIn
from tests.support.relationships import (
    EPOCH_OF_TESTS,
    PERSON_FIELDS,
    ids,
    ids_of,
    make_block,
    make_follow,
    page,
)

pytestmark = pytest.mark.usefixtures("planned")

INTEREST = "/relationship/interest"
SUGGEST = f"{INTEREST}/suggest-user"
EDGES = "MATCH (:User {user_id: $id})-[edge:INTERESTS]->(i:Interest) RETURN i.key AS key, edge.created_at AS at"
CROWD = """
UNWIND range(1, $number) AS n
CREATE (u:User {user_id: 'fade' + right('0000000000000000000' + toString(n), 20), username: 'fan_' + toString(n),
  display_name: 'Fan', role: 'user', is_active: true})
WITH u MATCH (i:Interest {key: $key}) CREATE (u)-[:INTERESTS {created_at: 1}]->(i)
"""
NO_CROWD = "MATCH (u:User) WHERE u.user_id STARTS WITH 'fade' DETACH DELETE u"


@pytest.fixture
async def crowd(resources: Resources) -> AsyncIterator[None]:
    """More users with the interest networking than are ranked."""
    await resources.clients.neo4j.execute_query(CROWD, key="networking", number=MAX_CANDIDATES + 50)
    yield
    await resources.clients.neo4j.execute_query(NO_CROWD)


async def everybody(api: httpx.AsyncClient, by: SignedIn) -> list[str]:
    """Return the ids of all users shown to the caller, over all pages."""
    found = await page(api, SUGGEST, by, limit=100)
    seen = ids(found)
    while cursor := found["meta"]["next_cursor"]:
        found = await page(api, SUGGEST, by, limit=100, cursor=cursor)
        seen += ids(found)
    return seen


async def put(api: httpx.AsyncClient, by: SignedIn, *keys: str) -> list[str]:
    response = await api.put(INTEREST, json={"interest": keys}, headers=by.bearer)
    shown: list[str] = data(response)["interest"]
    return shown


async def listed(api: httpx.AsyncClient, by: SignedIn) -> list[str]:
    shown: list[str] = data(await api.get(f"{INTEREST}/list", headers=by.bearer))["interest"]
    return shown


async def likes(resources: Resources, person: SignedIn, *keys: str) -> None:
    user = await graph_user(resources, person)
    await resources.social.interests.replace(user, [Interest(key) for key in keys], EPOCH_OF_TESTS)


async def liking(resources: Resources, *keys: str) -> SignedIn:
    person = await make_account(resources)
    await likes(resources, person, *keys)
    return person


async def test_interests_are_replaced_and_listed_by_name(api: httpx.AsyncClient, someone: SignedIn) -> None:
    await put(api, someone, "music", "memes")

    assert await put(api, someone, "music", "ai", "ai") == ["ai", "music"]
    assert await listed(api, someone) == ["ai", "music"]


async def test_interests_are_added_to_the_existing_ones(api: httpx.AsyncClient, someone: SignedIn) -> None:
    await put(api, someone, "music")

    response = await api.post(f"{INTEREST}/create", json={"interest": ["ai", "music"]}, headers=someone.bearer)

    assert data(response)["interest"] == ["ai", "music"]


async def test_account_without_interests_has_an_empty_list(api: httpx.AsyncClient, someone: SignedIn) -> None:
    nothing_yet = await listed(api, someone)
    await put(api, someone, "music")

    assert nothing_yet == []
    assert await put(api, someone) == []
    assert await listed(api, someone) == []


async def test_kept_interest_keeps_its_time(api: httpx.AsyncClient, resources: Resources, me: SignedIn) -> None:
    await likes(resources, me, "music", "memes")
    before = await resources.clients.neo4j.execute_query(EDGES, id=me.user["_id"])

    await put(api, me, "music", "ai")

    after = await resources.clients.neo4j.execute_query(EDGES, id=me.user["_id"])
    times = [{record["key"]: record["at"] for record in found.records} for found in (before, after)]
    assert times[1].keys() == {"music", "ai"}
    assert times[1]["music"] == times[0]["music"] < times[1]["ai"]


async def test_concurrent_writes_of_all_interests_leave_one_edge_each(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await asyncio.gather(*(put(api, someone, *Interest) for _ in range(20)))

    found = await resources.clients.neo4j.execute_query(EDGES, id=someone.user["_id"])
    assert sorted(record["key"] for record in found.records) == sorted(Interest)


@pytest.mark.parametrize("interest", ["", "cats", "AI", "ai ", "' OR 1=1"])
async def test_unknown_interest_is_refused(api: httpx.AsyncClient, someone: SignedIn, interest: str) -> None:
    response = await api.put(INTEREST, json={"interest": ["ai", interest]}, headers=someone.bearer)

    assert fields(response) == {"body.interest.1"}
    assert await listed(api, someone) == []


async def test_most_shared_interests_come_first_then_the_username(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn
) -> None:
    await likes(resources, me, "esports", "anime_manga", "sustainability")
    one, other = [await liking(resources, "esports", "anime_manga", "memes") for _ in range(2)]
    all_three = await liking(resources, "esports", "anime_manga", "sustainability")

    found = await page(api, SUGGEST, me, limit=100)

    mine = [row for row in found["users"] if row["user_id"] in ids_of(one, other, all_three)]
    in_order = [all_three, *sorted((one, other), key=lambda person: person.person.username)]
    assert [row["user_id"] for row in mine] == ids_of(*in_order)
    assert mine[0].keys() == PERSON_FIELDS | {"shared_interests_count", "shared_interests"}
    assert [row["shared_interests_count"] for row in mine] == [3, 2, 2]
    assert mine[1]["shared_interests"] == ["anime_manga", "esports"]


@pytest.mark.defect(82)
async def test_pages_are_full_and_the_total_is_that_of_all_pages(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn
) -> None:
    """Users whom the caller follows are excluded before paging."""
    await likes(resources, me, "fashion_style", "crypto_arbitrage")
    people = [await liking(resources, "fashion_style", "crypto_arbitrage") for _ in range(7)]
    for person in people[:2]:
        await make_follow(resources, me, person)

    first = await page(api, SUGGEST, me, limit=2)
    by_cursor = await page(api, SUGGEST, me, limit=2, cursor=first["meta"]["next_cursor"])
    by_number = await page(api, SUGGEST, me, limit=2, page=1)
    everyone = await everybody(api, me)

    assert [ids(each) for each in (first, by_cursor, by_number)] == [everyone[:2], everyone[2:4], everyone[2:4]]
    assert len(everyone) == len(set(everyone)) == first["meta"]["total"]
    assert {*ids_of(*people)} & {*everyone} == {*ids_of(*people[2:])}


@pytest.mark.parametrize("by_me", [True, False], ids=["I block them", "they block me"])
async def test_blocked_or_blocking_user_is_not_found_by_interest(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, by_me: bool
) -> None:
    await likes(resources, me, "global_economy")
    other = await liking(resources, "global_economy")
    await make_block(resources, *((me, other) if by_me else (other, me)))

    assert other.user["_id"] not in await everybody(api, me)


async def test_dismissed_user_is_not_found_by_interest(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn
) -> None:
    await likes(resources, me, "global_economy")
    other = await liking(resources, "global_economy")
    before = await everybody(api, me)

    data(await api.post("/relationship/suggest/dismiss", json={"user_id": other.user["_id"]}, headers=me.bearer))

    assert (other.user["_id"] in before, other.user["_id"] in await everybody(api, me)) == (True, False)


async def test_newcomer_is_found_by_interest_and_a_deactivated_user_is_not(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn, change_user: ChangeUser
) -> None:
    await likes(resources, me, "global_economy")
    gone, newcomer = await liking(resources, "global_economy"), await make_unknown(resources)
    await likes(resources, newcomer, "global_economy")
    await change_user(gone.user["_id"], {"is_active": False})
    await project(resources, gone)

    assert {*ids_of(gone, newcomer)} & {*await everybody(api, me)} == {*ids_of(newcomer)}


@pytest.mark.usefixtures("crowd")
async def test_ranking_is_bounded_and_starts_with_the_rarest_interests(
    api: httpx.AsyncClient, resources: Resources, me: SignedIn
) -> None:
    await likes(resources, me, "networking", "freelancing")
    rare = await liking(resources, "freelancing")

    first = await page(api, SUGGEST, me, limit=100)

    assert (first["meta"]["total"], first["meta"]["total_capped"]) == (MAX_CANDIDATES, True)
    assert rare.user["_id"] in await everybody(api, me)


@pytest.mark.parametrize("query", [{"page": -1}, {"limit": 101}, {"cursor": "garbage"}, {"page": 101, "limit": 100}])
async def test_invalid_page_is_refused(api: httpx.AsyncClient, someone: SignedIn, query: dict[str, Any]) -> None:
    assert refusal(await api.get(SUGGEST, params=query, headers=someone.bearer)) == (422, "InvalidInput")
