"""Neo4j stops amid two hundred follows: every follow that succeeded is there when it is back."""

import asyncio
from itertools import islice, permutations

import httpx
import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.outages import away, frozen
from tests.support.accounts import make_account
from tests.support.clients import repeat_until_answered
from tests.support.envelope import data, refusal
from tests.support.graph import edges, project
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.relationships import block, follow, page

AT_ONCE = 20
AWAY = (503, "DependencyUnavailable")

Pair = tuple[SignedIn, SignedIn]


@pytest.fixture
async def pairs(well: None, resources: Resources) -> list[Pair]:
    """Two hundred relationships, among fifteen users."""
    people = [await make_account(resources) for _ in range(15)]
    return list(islice(permutations(people, 2), 200))


async def follow_at_last(api: httpx.AsyncClient, by: SignedIn, whom: SignedIn) -> bool:
    """As a client does it: a server just started plans for a while."""
    return bool(data(await repeat_until_answered(lambda: follow(api, by, whom)))["following"])


async def test_neo4j_stopped_amid_two_hundred_follows_loses_none_that_was_answered(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, pairs: list[Pair]
) -> None:
    answers: dict[int, httpx.Response] = {}
    waiting = iter(enumerate(pairs))

    async def one_after_another() -> None:
        for number, pair in waiting:
            answers[number] = await follow(api, *pair)

    async def are_refused(many: int) -> bool:
        return sum(each.status_code == AWAY[0] for each in answers.values()) >= many

    async def are_answered(many: int) -> bool:
        return len(answers) >= many

    following = [asyncio.create_task(one_after_another()) for _ in range(AT_ONCE)]
    await eventually(lambda: are_answered(20))
    async with away(stack, "neo4j"):
        await eventually(lambda: are_refused(3 * AT_ONCE), within=60)
    await asyncio.gather(*following)

    assert {each.status_code for each in answers.values()} == {200, 503}
    refused = [number for number, each in answers.items() if each.status_code != 200]
    assert [refusal(answers[number]) for number in refused] == [AWAY] * len(refused)
    assert all(int(answers[number].headers["retry-after"]) > 0 for number in refused)
    kept = [len(await edges(resources, *pair)) for pair in pairs]
    assert {number for number in answers if kept[number] != 1} <= {*refused}
    assert max(kept) == 1


async def test_follow_that_was_refused_can_be_repeated(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, pairs: list[Pair]
) -> None:
    one, other = pairs[0]

    async with away(stack, "neo4j"):
        refused = await asyncio.gather(follow(api, one, other), block(api, other, one))

    assert [refusal(each) for each in refused] == [AWAY] * 2
    assert await follow_at_last(api, one, other)
    assert len(await edges(resources, one, other)) == 1


async def test_silent_neo4j_delays_no_request_and_a_repeated_follow_is_one(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, pairs: list[Pair]
) -> None:
    one, other = pairs[0]
    impatient = httpx.AsyncClient(base_url=api.base_url, timeout=12)

    async with impatient:
        with frozen(stack, "neo4j"):
            refused = await asyncio.gather(*(follow(impatient, one, other) for _ in range(5)))

    assert [refusal(each) for each in refused] == [AWAY] * 5
    assert await follow_at_last(api, one, other)
    assert len(await edges(resources, one, other)) == 1


@pytest.mark.usefixtures("planned")
async def test_without_redis_suggestions_are_computed_each_time(
    stack: Stack, api: httpx.AsyncClient, resources: Resources, pairs: list[Pair]
) -> None:
    (me, friend), other = pairs[0], pairs[1][1]
    data(await follow(api, me, friend))
    data(await follow(api, friend, other))
    await project(resources, me, friend, other)

    async with away(stack, "redis"):
        first, second = [await page(api, "/relationship/suggest", me) for _ in range(2)]

    assert first["meta"]["total"] == second["meta"]["total"] == 1
    assert first["users"] == second["users"]
