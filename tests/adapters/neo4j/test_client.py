"""Writes to the graph while the network or the server fails."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from neo4j import AsyncDriver
from neo4j.exceptions import CypherSyntaxError, ServiceUnavailable

from adapters.neo4j import client
from adapters.neo4j.client import open_neo4j, write_idempotent
from adapters.neo4j.social.blocks import BlockStore
from adapters.neo4j.social.follows import FollowStore
from adapters.neo4j.users.users import GraphUserStore
from adapters.resources import Resources
from config.settings import Settings
from domain.users.users import GraphUser, Role
from tests.support.lossy_proxy import LossyProxy, lossy_proxy

Pair = tuple[GraphUser, GraphUser]
NOW = datetime.now(UTC)
COUNT_EDGES = "MATCH (:User {user_id: $user_id})-[edge]->() RETURN collect(type(edge)) AS kinds"


@pytest.fixture
async def network(settings: Settings) -> AsyncIterator[LossyProxy]:
    """The network before Neo4j. An answer is lost with its connection, after the server has got the statement."""
    async with lossy_proxy(settings.neo4j_url) as network:
        yield network


@pytest.fixture
async def driver(settings: Settings, network: LossyProxy) -> AsyncIterator[AsyncDriver]:
    url, password = f"bolt://{urlsplit(network.url).netloc}", settings.neo4j_password.get_secret_value()
    async with open_neo4j(url, user=settings.neo4j_user, password=password) as driver:
        yield driver


@pytest.fixture
async def pair(resources: Resources) -> AsyncIterator[Pair]:
    """Two profiles that the graph does not have yet; their nodes are deleted afterwards."""
    ids = [resources.hashes.new_object_id() for _ in range(2)]
    one, other = [GraphUser(each, each, each, Role.USER, None, True, profile_version=1) for each in ids]
    yield one, other
    await resources.clients.neo4j.execute_query("MATCH (u:User) WHERE u.user_id IN $ids DETACH DELETE u", ids=ids)


async def kinds(resources: Resources, user: GraphUser) -> list[str]:
    result = await resources.clients.neo4j.execute_query(COUNT_EDGES, user_id=user.user_id)
    return list(result.records[0]["kinds"])


async def test_follow_whose_answer_is_lost_is_repeated_and_is_one_edge(
    resources: Resources, network: LossyProxy, driver: AsyncDriver, pair: Pair
) -> None:
    network.losing.append("AS")

    await FollowStore(driver).follow(*pair, NOW)

    assert network.losing == []
    assert await kinds(resources, pair[0]) == ["FOLLOWING"]


async def test_block_whose_answer_is_lost_is_repeated_and_is_one_edge(
    resources: Resources, network: LossyProxy, driver: AsyncDriver, pair: Pair
) -> None:
    await FollowStore(driver).follow(*pair, NOW)
    network.losing.append("AS")

    await BlockStore(driver).block(*pair, NOW)

    assert network.losing == []
    assert await kinds(resources, pair[0]) == ["BLOCKED"]


@pytest.mark.parametrize("attempt", range(10))
async def test_write_is_in_every_read_that_begins_after_its_answer(
    resources: Resources, driver: AsyncDriver, pair: Pair, attempt: int
) -> None:
    """On any connection: the answer comes with the commit, not with the rows."""
    follows, (follower, followee) = FollowStore(driver), pair

    await follows.follow(follower, followee, NOW)
    assert await kinds(resources, follower) == ["FOLLOWING"]

    await follows.unfollow(follower.user_id, followee.user_id)
    assert await kinds(resources, follower) == []


async def test_writes_that_wait_for_each_other_both_happen(
    resources: Resources, driver: AsyncDriver, pair: Pair
) -> None:
    """Two nodes locked in opposite orders: the server refuses one of the two statements, which is then repeated."""
    lock = "UNWIND $ids AS id MERGE (u:User {user_id: id}) SET u.seen = $at WITH u RETURN count(u) AS locked"
    ids = [user.user_id for user in pair]

    records = await asyncio.gather(
        *(write_idempotent(driver, lock, ids=order, at=at) for at, order in enumerate([ids, ids[::-1]] * 10))
    )

    assert [record["locked"] for record in records if record] == [2] * 20


async def test_wrong_statement_is_not_repeated(driver: AsyncDriver) -> None:
    with pytest.raises(CypherSyntaxError):
        async with asyncio.timeout(client.MAX_RETRY_SECONDS):
            await write_idempotent(driver, "CREATE nothing")


async def test_absent_server_is_given_up_in_time(closed_port: int, pair: Pair) -> None:
    async with open_neo4j(f"bolt://127.0.0.1:{closed_port}", user="neo4j", password="x") as driver:
        with pytest.raises(ServiceUnavailable):
            async with asyncio.timeout(client.MAX_RETRY_SECONDS + client.FIRST_PAUSE_SECONDS):
                await GraphUserStore(driver).put(pair[0])
