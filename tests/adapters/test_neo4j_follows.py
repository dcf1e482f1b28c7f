"""Follow edges while their people leave: what happens at the same time happens one after the other."""

import asyncio

import pytest

from adapters.resources import Resources
from tests.accounts import make_account
from tests.graph import kinds
from tests.people import SignedIn
from tests.relations import followed, in_graph


@pytest.fixture
async def ann(resources: Resources) -> SignedIn:
    return await in_graph(resources)


@pytest.fixture
async def bob(resources: Resources) -> SignedIn:
    return await in_graph(resources)


async def both_ways(resources: Resources, one: SignedIn, other: SignedIn) -> tuple[list[str], list[str]]:
    return await kinds(resources, one, other), await kinds(resources, other, one)


@pytest.mark.parametrize("attempt", range(5))
async def test_edges_of_two_who_leave_at_once_are_hidden_once(
    resources: Resources, ann: SignedIn, bob: SignedIn, attempt: int
) -> None:
    await followed(resources, ann, bob)
    await followed(resources, bob, ann)

    pause = resources.graph.follows.pause
    await asyncio.gather(*(pause(each.user["_id"], limit=10) for each in (ann, bob) * 5))

    assert await both_ways(resources, ann, bob) == (["FOLLOWING_PAUSED"], ["FOLLOWING_PAUSED"])


@pytest.mark.parametrize("attempt", range(5))
async def test_edges_of_two_who_come_back_at_once_are_shown_once(
    resources: Resources, ann: SignedIn, bob: SignedIn, attempt: int
) -> None:
    await followed(resources, ann, bob)
    await followed(resources, bob, ann)
    await resources.graph.follows.pause(ann.user["_id"], limit=10)

    resume = resources.graph.follows.resume
    await asyncio.gather(*(resume(each.user["_id"], limit=10) for each in (ann, bob) * 5))

    assert await both_ways(resources, ann, bob) == (["FOLLOWING"], ["FOLLOWING"])


@pytest.mark.parametrize("attempt", range(5))
async def test_edge_that_is_ended_while_it_is_hidden_stays_ended(
    resources: Resources, ann: SignedIn, bob: SignedIn, attempt: int
) -> None:
    follows, (a, b) = resources.graph.follows, (ann.user["_id"], bob.user["_id"])
    await followed(resources, ann, bob)

    ended, *_ = await asyncio.gather(
        follows.unfollow(a, b), follows.pause(b, limit=10), follows.resume(b, limit=10), follows.pause(b, limit=10)
    )

    assert ended is True
    assert await both_ways(resources, ann, bob) == ([], [])


async def test_edge_with_somebody_who_was_never_named_comes_back(resources: Resources, ann: SignedIn) -> None:
    """A node that was made on demand says nothing of its account: it counts as active."""
    newcomer = await make_account(resources)
    await followed(resources, ann, newcomer)
    await resources.graph.follows.pause(ann.user["_id"], limit=10)

    await resources.graph.follows.resume(ann.user["_id"], limit=10)

    assert await kinds(resources, ann, newcomer) == ["FOLLOWING"]
