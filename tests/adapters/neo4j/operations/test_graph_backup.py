"""Restoring relationships: missing ones come back as they were, existing ones are not changed."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.resources import Resources
from domain.operations.graph_backup import EdgeKind, GraphEdge
from tests.support.id_ranges import IdRange

EDGES = """
MATCH (a:User)-[edge]->(b) WHERE a.user_id STARTS WITH $prefix
RETURN type(edge) AS kind, a.user_id AS from_id, coalesce(b.user_id, b.key) AS to_id, properties(edge) AS facts
ORDER BY from_id, to_id, kind
"""


@pytest.fixture
async def island(resources: Resources) -> AsyncIterator[IdRange]:
    """Four users without relationships."""
    island = IdRange(resources)
    await resources.operations.projected_nodes.prepare()
    await island.create_accounts(4)
    await island.project(1, 2, 3, 4)
    yield island
    await island.remove_all()


def edge(island: IdRange, kind: EdgeKind, one: int, other: int, **facts: Any) -> GraphEdge:
    ends = {"from_id": island.id(one), "to_id": island.id(other)}
    return GraphEdge(kind, island.id(one), island.id(other), {**ends, **facts})


def like(island: IdRange, one: int) -> GraphEdge:
    return GraphEdge(EdgeKind.INTERESTS, island.id(one), "books", {"created_at": 5})


async def there(island: IdRange) -> list[GraphEdge]:
    found = await island.resources.clients.neo4j.execute_query(EDGES, prefix=island.prefix)
    return [GraphEdge(EdgeKind(row["kind"]), row["from_id"], row["to_id"], row["facts"]) for row in found.records]


async def put(island: IdRange, *relationships: GraphEdge) -> int:
    return await island.resources.operations.graph_backup.restore(relationships)


async def test_every_kind_is_put_back_as_it_was(island: IdRange) -> None:
    """The open intent is that of a paused edge: the worker carries out those of the others."""
    await island.node(island.id(4), is_active=False)
    lost = [
        like(island, 1),
        edge(island, EdgeKind.FOLLOWING, 1, 2, created_at=1),
        edge(island, EdgeKind.BLOCKED, 1, 3, created_at=3),
        edge(island, EdgeKind.FOLLOWING_PAUSED, 1, 4, created_at=4, notify_open=2),
        edge(island, EdgeKind.DISMISSED, 2, 3, until=6),
    ]

    made = await put(island, *lost)

    assert made == 5
    assert await there(island) == lost


async def test_put_back_again_changes_nothing(island: IdRange) -> None:
    lost = [edge(island, EdgeKind.FOLLOWING, 1, 2, created_at=1), edge(island, EdgeKind.BLOCKED, 3, 2, created_at=3)]
    lost += [like(island, 1), edge(island, EdgeKind.DISMISSED, 2, 3, until=6)]
    await put(island, *lost)
    before = await there(island)

    assert await put(island, *lost) == 0
    assert await there(island) == before


async def test_what_is_there_is_newer(island: IdRange) -> None:
    await put(island, edge(island, EdgeKind.FOLLOWING, 1, 2, created_at=9))

    assert await put(island, edge(island, EdgeKind.FOLLOWING, 1, 2, created_at=1)) == 0
    assert [each.properties["created_at"] for each in await there(island)] == [9]


async def test_same_edge_in_sight_and_paused_is_one(island: IdRange) -> None:
    both = [
        edge(island, EdgeKind.FOLLOWING, 1, 2, created_at=1),
        edge(island, EdgeKind.FOLLOWING_PAUSED, 1, 2, created_at=1),
    ]

    assert await put(island, *both) == 1


@pytest.mark.parametrize("blocker", [1, 2])
async def test_follow_does_not_come_back_beside_a_block(island: IdRange, blocker: int) -> None:
    await put(island, edge(island, EdgeKind.BLOCKED, blocker, 3 - blocker, created_at=1))

    assert await put(island, edge(island, EdgeKind.FOLLOWING, 1, 2, created_at=1)) == 0
    assert await put(island, edge(island, EdgeKind.FOLLOWING_PAUSED, 1, 2, created_at=1)) == 0


@pytest.mark.parametrize("follower", [1, 2])
async def test_block_does_not_come_back_beside_a_follow(island: IdRange, follower: int) -> None:
    await put(island, edge(island, EdgeKind.FOLLOWING, follower, 3 - follower, created_at=1))

    assert await put(island, edge(island, EdgeKind.BLOCKED, 1, 2, created_at=1)) == 0


async def test_both_may_block_each_other(island: IdRange) -> None:
    both = [edge(island, EdgeKind.BLOCKED, 1, 2, created_at=1), edge(island, EdgeKind.BLOCKED, 2, 1, created_at=2)]

    assert await put(island, *both) == 2


async def test_user_deactivated_since_is_hidden(island: IdRange) -> None:
    await island.node(island.id(2), is_active=False)

    await put(island, edge(island, EdgeKind.FOLLOWING, 1, 2, created_at=1))

    assert [each.kind for each in await there(island)] == [EdgeKind.FOLLOWING_PAUSED]


async def test_user_reactivated_since_is_shown(island: IdRange) -> None:
    await put(island, edge(island, EdgeKind.FOLLOWING_PAUSED, 1, 2, created_at=1))

    assert [each.kind for each in await there(island)] == [EdgeKind.FOLLOWING]


async def test_erased_user_does_not_come_back(island: IdRange) -> None:
    lost = [edge(island, EdgeKind.FOLLOWING, 1, 9, created_at=1), edge(island, EdgeKind.BLOCKED, 9, 1, created_at=1)]
    lost += [edge(island, EdgeKind.DISMISSED, 1, 9, until=1), like(island, 9)]

    assert await put(island, *lost) == 0
    assert len(await island.nodes()) == 4


async def test_all_is_read_that_was_put(island: IdRange) -> None:
    kept = [edge(island, EdgeKind.FOLLOWING, 1, 2, created_at=1), like(island, 3)]
    await put(island, *kept)

    read = [each async for each in island.resources.operations.graph_backup.read_all() if each.from_id in island.ids(4)]

    assert sorted(read, key=lambda each: each.from_id) == kept
