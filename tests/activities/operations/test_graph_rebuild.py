"""Rebuilding the graph: all accounts in batches, no newer node overwritten, no deleted account restored."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.operations import graph_rebuild
from activities.operations.graph_rebuild import GraphRebuildActivities, RebuiltBatches
from adapters.neo4j.operations.projections import ProjectionGraph
from adapters.resources import Resources
from tests.support.id_ranges import IdRange


@pytest.fixture
def activities(resources: Resources) -> GraphRebuildActivities:
    return GraphRebuildActivities(resources.operations.projected_accounts, resources.operations.projected_nodes)


@pytest.fixture
async def island(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[IdRange]:
    """Five accounts and no node; two accounts are a batch, two batches a try."""
    monkeypatch.setattr(graph_rebuild, "BATCH_SIZE", 2)
    monkeypatch.setattr(graph_rebuild, "MAX_BATCHES_PER_ATTEMPT", 2)
    island = IdRange(resources)
    await resources.operations.projected_nodes.prepare()
    await island.create_accounts(5)
    yield island
    await island.remove_all()


async def rebuilt(activities: GraphRebuildActivities, island: IdRange, *, after: int = 0) -> RebuiltBatches:
    return await ActivityEnvironment().run(activities.project, island.id(after))


async def test_try_ends_after_its_batches_and_the_next_goes_on(
    activities: GraphRebuildActivities, island: IdRange
) -> None:
    first = await rebuilt(activities, island)
    names = await island.names()
    second = await rebuilt(activities, island, after=4)

    assert first == RebuiltBatches(4, island.id(4))
    assert names == ["Islander 1", "Islander 2", "Islander 3", "Islander 4"]
    assert second == RebuiltBatches(1, None)
    assert (await island.names())[4:] == ["Islander 5"]


async def test_node_is_the_whole_profile(activities: GraphRebuildActivities, island: IdRange) -> None:
    await island.change(5, role="admin", is_active=False, avatar_ipfs_hash="Qm", profile_version=7)

    await rebuilt(activities, island, after=4)

    assert await island.nodes() == [
        {
            "user_id": island.id(5),
            "username": island.account(5)["username"],
            "display_name": "Islander 5",
            "role": "admin",
            "avatar_ipfs_hash": "Qm",
            "is_active": False,
            "profile_version": 7,
        }
    ]


async def test_newer_node_stays(activities: GraphRebuildActivities, island: IdRange) -> None:
    await island.node(island.id(4), profile_version=2, display_name="Synced meanwhile")

    await rebuilt(activities, island, after=3)

    assert await island.names() == ["Synced meanwhile", "Islander 5"]


async def test_edges_stay(activities: GraphRebuildActivities, island: IdRange) -> None:
    await rebuilt(activities, island, after=3)
    await island.follow(4, 5)

    await rebuilt(activities, island, after=3)

    assert (await island.resources.social.relationships.count_edges(island.id(5))).followers == 1


async def test_unreadable_account_is_reported_and_does_not_stop_the_others(
    activities: GraphRebuildActivities, island: IdRange
) -> None:
    await island.change(4, display_name=None)

    done = await rebuilt(activities, island, after=3)

    assert done == RebuiltBatches(1, None, (island.id(4),))
    assert await island.names() == ["Islander 5"]


async def test_account_erased_during_the_write_does_not_come_back(
    activities: GraphRebuildActivities, island: IdRange, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = ProjectionGraph.put

    async def put_late(*arguments: Any) -> None:
        await island.delete_account(5)
        await put(*arguments)

    monkeypatch.setattr(ProjectionGraph, "put", put_late)

    done = await rebuilt(activities, island, after=3)

    assert done.users == 1
    assert await island.names() == ["Islander 4"]
