"""Follow edges while accounts are deactivated or notified: concurrent changes are applied one after the other."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import LiteralString

import pytest

from adapters.neo4j.social.follows import FOLLOW
from adapters.neo4j.social.pair_locks import profile_pair_parameters
from adapters.neo4j.social.pending_follows import CLOSE
from adapters.resources import Resources
from domain.users.users import GraphUser, Role
from tests.support.accounts import make_account
from tests.support.graph import follow, kinds
from tests.support.people import SignedIn
from tests.support.relationships import make_follow


@pytest.fixture
async def ann(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture
async def bob(resources: Resources) -> SignedIn:
    return await make_account(resources)


async def both_ways(resources: Resources, one: SignedIn, other: SignedIn) -> tuple[list[str], list[str]]:
    return await kinds(resources, one, other), await kinds(resources, other, one)


@pytest.mark.parametrize("attempt", range(5))
async def test_edges_of_two_concurrent_deactivations_are_hidden_once(
    resources: Resources, ann: SignedIn, bob: SignedIn, attempt: int
) -> None:
    await make_follow(resources, ann, bob)
    await make_follow(resources, bob, ann)

    pause = resources.social.follows.pause
    await asyncio.gather(*(pause(each.user["_id"], limit=10) for each in (ann, bob) * 5))

    assert await both_ways(resources, ann, bob) == (["FOLLOWING_PAUSED"], ["FOLLOWING_PAUSED"])


@pytest.mark.parametrize("attempt", range(5))
async def test_edges_of_two_concurrent_returns_are_shown_once(
    resources: Resources, ann: SignedIn, bob: SignedIn, attempt: int
) -> None:
    await make_follow(resources, ann, bob)
    await make_follow(resources, bob, ann)
    await resources.social.follows.pause(ann.user["_id"], limit=10)

    resume = resources.social.follows.resume
    await asyncio.gather(*(resume(each.user["_id"], limit=10) for each in (ann, bob) * 5))

    assert await both_ways(resources, ann, bob) == (["FOLLOWING"], ["FOLLOWING"])


@pytest.mark.parametrize("attempt", range(5))
async def test_edge_that_is_ended_while_it_is_hidden_stays_ended(
    resources: Resources, ann: SignedIn, bob: SignedIn, attempt: int
) -> None:
    follows, (a, b) = resources.social.follows, (ann.user["_id"], bob.user["_id"])
    await make_follow(resources, ann, bob)

    ended, *_ = await asyncio.gather(
        follows.unfollow(a, b), follows.pause(b, limit=10), follows.resume(b, limit=10), follows.pause(b, limit=10)
    )

    assert ended is True
    assert await both_ways(resources, ann, bob) == ([], [])


async def test_edge_with_a_node_without_a_profile_comes_back(resources: Resources, ann: SignedIn) -> None:
    """An older release made such nodes: they count as active."""
    newcomer = await make_account(resources, is_in_graph=False)
    await follow(resources, ann, newcomer)
    await resources.social.follows.pause(ann.user["_id"], limit=10)

    await resources.social.follows.resume(ann.user["_id"], limit=10)

    assert await kinds(resources, ann, newcomer) == ["FOLLOWING"]


def profile_of(user_id: str) -> GraphUser:
    """A profile without an account."""
    return GraphUser(user_id, user_id, user_id, Role.USER, None, True, profile_version=1)


@pytest.fixture
async def strangers(resources: Resources) -> AsyncIterator[list[str]]:
    """Unused ids; nodes created with them are deleted afterwards."""
    ids = [resources.hashes.new_object_id() for _ in range(201)]
    yield ids
    await resources.clients.neo4j.execute_query("MATCH (u:User) WHERE u.user_id IN $ids DETACH DELETE u", ids=ids)


async def test_telling_of_one_follow_never_blocks_the_next(resources: Resources, strangers: list[str]) -> None:
    """Each once, without the driver's second try: two that wait for each other would fail here."""
    star, *followers = strangers
    made: asyncio.Queue[list[object]] = asyncio.Queue()

    async def once(statement: LiteralString, **values: object) -> None:
        async with resources.clients.neo4j.session() as session, await session.begin_transaction() as transaction:
            await (await transaction.run(statement, values)).consume()
            await transaction.commit()

    async def follow_all() -> None:
        for follower in followers:
            values = profile_pair_parameters(profile_of(follower), profile_of(star), datetime.now(UTC))
            await once(FOLLOW, **values, request_id="a-request", key_id="a-key")
            made.put_nowait([follower, values["at"]])

    async def close() -> None:
        for _ in followers:
            await once(CLOSE, user_id=star, follows=[await made.get()])

    await asyncio.gather(follow_all(), close())

    assert await resources.social.pending_follows.list_pending(star, limit=1_000) == []
