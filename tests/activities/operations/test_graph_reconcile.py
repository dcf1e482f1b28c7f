"""Comparing graph and accounts: what differs is mended and counted, what is under way is left alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.operations import graph_reconcile
from activities.operations.graph_reconcile import (
    ComparePage,
    GraphReconcileActivities,
    PageCompared,
    ReconcilePosition,
    SaveReport,
)
from adapters.resources import Resources
from domain.operations.graph_reconcile import ReconcileCounts
from domain.paging import PageRequest
from tests.support.id_ranges import IdRange

NOW = datetime.now(UTC).replace(microsecond=0)
LONG_AGO = NOW - timedelta(minutes=2)
MANY = 1_000
TWO = ReconcileCounts(users_mongo=2, users_graph=2)


@pytest.fixture
def activities(resources: Resources) -> GraphReconcileActivities:
    return GraphReconcileActivities(
        accounts=resources.operations.projected_accounts,
        nodes=resources.operations.projected_nodes,
        tombstones=resources.accounts.tombstones,
        erasure=resources.accounts.personal_node,
        reports=resources.operations.graph_reports,
        hashes=resources.hashes,
    )


@pytest.fixture
async def island(resources: Resources) -> AsyncIterator[IdRange]:
    """Two accounts with their nodes."""
    island = IdRange(resources)
    await resources.operations.projected_nodes.prepare()
    await island.create_accounts(2)
    await island.project(1, 2)
    yield island
    await island.remove_all()


async def compared(activities: GraphReconcileActivities, island: IdRange, *, may_remove: int = MANY) -> ReconcileCounts:
    page = await ActivityEnvironment().run(activities.compare, ComparePage(island.start, may_remove, NOW))
    assert page.place is None
    return page.tally


async def test_nothing_differs(activities: GraphReconcileActivities, island: IdRange) -> None:
    assert await compared(activities, island) == TWO


async def test_missing_node_is_written(activities: GraphReconcileActivities, island: IdRange) -> None:
    await island.resources.operations.projected_nodes.remove_bare([island.id(1)])

    tally = await compared(activities, island)

    assert tally == ReconcileCounts(users_mongo=2, users_graph=1, missing=1, repaired=1)
    assert await island.names() == ["Islander 1", "Islander 2"]


async def test_older_node_is_brought_up_to_date(activities: GraphReconcileActivities, island: IdRange) -> None:
    await island.change(2, display_name="Queen", profile_version=2)

    tally = await compared(activities, island)

    assert tally == ReconcileCounts(users_mongo=2, users_graph=2, stale=1, repaired=1)
    assert await island.names() == ["Islander 1", "Queen"]


async def test_node_that_a_follow_made_is_filled_in(activities: GraphReconcileActivities, island: IdRange) -> None:
    await island.resources.operations.projected_nodes.remove_bare([island.id(1)])
    await island.node(island.id(1))

    tally = await compared(activities, island)

    assert tally.stale == tally.repaired == 1
    assert await island.names() == ["Islander 1", "Islander 2"]


async def test_second_comparison_finds_nothing(activities: GraphReconcileActivities, island: IdRange) -> None:
    await island.change(2, display_name="Queen", profile_version=2)
    await island.node(island.id(3))
    await compared(activities, island)

    assert await compared(activities, island) == TWO


async def test_node_without_an_account_goes_with_its_edges(
    activities: GraphReconcileActivities, island: IdRange
) -> None:
    await island.node(island.id(3))
    await island.follow(3, 1)
    await island.follow(2, 3)

    tally = await compared(activities, island)

    assert tally == ReconcileCounts(users_mongo=2, users_graph=3, extra=1, repaired=1)
    assert await island.names() == ["Islander 1", "Islander 2"]


async def test_node_whose_id_is_none_of_ours_goes_too(activities: GraphReconcileActivities, island: IdRange) -> None:
    await island.node(island.prefix + "garbage")

    tally = await compared(activities, island)

    assert (tally.extra, tally.repaired) == (1, 1)
    assert len(await island.nodes()) == 2


async def test_more_nodes_without_an_account_than_may_go_are_left(
    activities: GraphReconcileActivities, island: IdRange
) -> None:
    await island.node(island.id(3))
    await island.node(island.id(4))

    tally = await compared(activities, island, may_remove=1)

    assert (tally.extra, tally.repaired) == (2, 1)
    assert len(await island.nodes()) == 3


async def test_new_account_whose_node_a_follow_has_made_is_left_to_its_sync(
    activities: GraphReconcileActivities, island: IdRange
) -> None:
    await island.change(1, sync_open_since=NOW, profile_version=2)
    await island.resources.operations.projected_nodes.remove_bare([island.id(1)])
    await island.node(island.id(1))

    assert await compared(activities, island) == TWO
    assert await island.names() == [None, "Islander 2"]


async def test_sync_that_does_not_come_is_drift(activities: GraphReconcileActivities, island: IdRange) -> None:
    await island.change(1, sync_open_since=LONG_AGO, profile_version=2, display_name="Queen")

    tally = await compared(activities, island)

    assert (tally.stale, tally.repaired) == (1, 1)
    assert await island.names() == ["Queen", "Islander 2"]


async def test_node_ahead_of_its_account_is_overtaken(activities: GraphReconcileActivities, island: IdRange) -> None:
    await island.node(island.id(1), profile_version=9, display_name="Of a lost future")

    tally = await compared(activities, island)

    assert (tally.stale, tally.repaired) == (1, 1)
    assert await island.names() == ["Islander 1", "Islander 2"]
    assert await compared(activities, island) == TWO


async def test_unreadable_account_is_reported_and_does_not_stop_the_others(
    activities: GraphReconcileActivities, island: IdRange
) -> None:
    await island.change(1, username=["no", "name"], profile_version=2)
    await island.change(2, display_name="Queen", profile_version=2)

    tally = await compared(activities, island)

    assert tally == ReconcileCounts(users_mongo=2, users_graph=2, stale=2, repaired=1, unreadable=(island.id(1),))
    assert await island.names() == ["Islander 1", "Queen"]


async def test_erasure_under_way_is_left_alone(activities: GraphReconcileActivities, island: IdRange) -> None:
    await island.delete_account(1)
    tombstone = {"_id": ObjectId(island.id(1)), "deletion_key": island.id(1), "deletion_open_since": NOW}
    await island.resources.clients.database["tombstones"].insert_one(tombstone)

    assert await compared(activities, island) == ReconcileCounts(users_mongo=1, users_graph=2)
    assert len(await island.nodes()) == 2


async def test_node_of_an_erased_account_is_deleted(activities: GraphReconcileActivities, island: IdRange) -> None:
    await island.delete_account(1)
    await island.resources.clients.database["tombstones"].insert_one(
        {"_id": ObjectId(island.id(1)), "deletion_key": island.id(1)}
    )

    tally = await compared(activities, island)

    assert (tally.extra, tally.repaired) == (1, 1)
    assert await island.names() == ["Islander 2"]


async def test_pages_cover_both_sides(
    activities: GraphReconcileActivities, island: IdRange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_reconcile, "PAGE_SIZE", 2)
    accounts = island.resources.clients.database["users"]
    await accounts.insert_many([island.account(number) for number in (5, 6, 7)])
    await island.node(island.id(3))
    await island.node(island.prefix + "garbage")
    await island.node(island.id(4))

    pages = [page async for page in pages_of(activities, island)]

    total = sum((page.tally for page in pages), ReconcileCounts())
    assert total == ReconcileCounts(users_mongo=5, users_graph=5, missing=3, extra=3, repaired=6)
    assert await island.names() == [f"Islander {number}" for number in (1, 2, 5, 6, 7)]


async def test_report_is_kept_once(activities: GraphReconcileActivities, resources: Resources) -> None:
    owner = f"graph-reconcile-{resources.hashes.new_object_id()}"
    report = SaveReport(owner, NOW + timedelta(days=365), ReconcileCounts(users_mongo=2, stale=1, unreadable=("aa",)))

    await ActivityEnvironment().run(activities.save_report, report)
    await ActivityEnvironment().run(activities.save_report, report)

    page = await resources.operations.graph_reports.list_page(PageRequest(limit=2))
    await resources.clients.database["graph_reports"].delete_one({"_id": ObjectId(page.rows[0].key)})
    assert [row.tally == report.tally for row in page.rows].count(True) == 1
    assert page.rows[0].at == report.at


async def pages_of(activities: GraphReconcileActivities, island: IdRange) -> AsyncIterator[PageCompared]:
    place: ReconcilePosition | None = island.start
    while place:
        page = await ActivityEnvironment().run(activities.compare, ComparePage(place, MANY, NOW))
        yield page
        place = page.place
