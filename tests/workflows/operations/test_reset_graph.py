"""What is done about the whole graph, reset by an operator to its first task: all ends as it did.

On the dev stack: the time-skipping server cannot reset.
"""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.flows import FlowState
from domain.operations.graph_reconcile import ReconcileCounts
from tests.support.id_ranges import IdRange
from tests.workflows.operator import Operator
from workflows.operations.graph_rebuild import GraphRebuild, RebuildProgress
from workflows.operations.graph_reconcile import GraphReconcile
from workflows.queues import Queue
from workflows.social.follower_snapshots import FollowerSnapshots, SnapshotsInput, SnapshotsReport


@pytest.fixture
async def island(resources: Resources) -> AsyncIterator[IdRange]:
    """Three accounts; the first two have nodes, and one follows the other."""
    island = IdRange(resources)
    await island.create_accounts(3)
    await island.project(1, 2)
    await island.follow(2, 1)
    yield island
    await island.remove_all()


def new_id(noun: str) -> str:
    return f"{noun}-{secrets.token_hex(8)}"


async def reports_of(resources: Resources, workflow_id: str) -> list[dict[str, Any]]:
    key = {"_id": ObjectId(resources.hashes.derive_object_id(workflow_id, "report"))}
    return await resources.clients.database["graph_reports"].find(key).to_list()


async def test_comparison_mends_once_and_reports_once(
    resources: Resources, island: IdRange, operator: Operator
) -> None:
    workflow_id = new_id("graph-reconcile")
    await resources.temporal.execute_workflow(GraphReconcile.run, id=workflow_id, task_queue=Queue.GRAPH)
    nodes, (before,) = await island.nodes(), await reports_of(resources, workflow_id)

    tally = await operator.resets_to(ReconcileCounts, workflow_id)

    (after,) = await reports_of(resources, workflow_id)
    assert await island.names() == ["Islander 1", "Islander 2", "Islander 3"]
    assert await island.nodes() == nodes
    assert before["missing"] >= 1
    assert after["users_mongo"] == tally.users_mongo >= 3


async def test_rebuilt_graph_is_the_same(resources: Resources, island: IdRange, operator: Operator) -> None:
    workflow_id = new_id("graph-rebuild")
    await resources.temporal.execute_workflow(GraphRebuild.run, id=workflow_id, task_queue=Queue.GRAPH)
    before = await island.nodes()

    rebuilt = await operator.resets_to(RebuildProgress, workflow_id)

    assert await island.nodes() == before
    assert len(before) == 3
    assert rebuilt.last is None


async def test_snapshot_taken_again_changes_nothing(resources: Resources, island: IdRange, operator: Operator) -> None:
    workflow_id = new_id("follower-snapshots")
    await resources.temporal.execute_workflow(
        FollowerSnapshots.run, SnapshotsInput(), id=workflow_id, task_queue=Queue.BULK
    )
    today = datetime.now(UTC).date()
    before = await resources.social.growth.list_points(island.id(1), today, today)
    await island.unfollow(2, 1)

    report = await operator.resets_to(SnapshotsReport, workflow_id)

    assert [point.followers_number for point in before] == [1]
    assert await resources.social.growth.list_points(island.id(1), today, today) == before
    assert (report.state, report.day) == (FlowState.COMPLETED, today.isoformat())
