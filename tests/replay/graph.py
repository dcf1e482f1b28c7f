"""Produces each outcome of workflows on the whole graph: comparison, rebuild, snapshots."""

from collections.abc import Mapping
from datetime import timedelta

from activities.operations.graph_rebuild import RebuiltBatches
from activities.operations.graph_reconcile import PageCompared, ReconcilePosition
from activities.social.follower_snapshots import PagesDone
from domain.operations.graph_reconcile import ReconcileCounts
from tests.replay.scene import FIVE_QUIET_TRIES, Outcome, Scene, ended, with_end_recorded
from tests.workflows.fakes.failures import MONGO_REFUSES, NEO4J_AWAY
from workflows.operations.graph_rebuild import GraphRebuild
from workflows.operations.graph_reconcile import GraphReconcile, ReconcileProgress
from workflows.queues import Queue
from workflows.social.follower_snapshots import FollowerSnapshots, SnapshotsInput, SnapshotsProgress

USER_ID = "aa" * 12
CORRUPT = "cc" * 12
DRIFT = ReconcileCounts(users_mongo=2, users_graph=3, extra=1, stale=1, repaired=1, unreadable=(CORRUPT,))
LONGEST_PAUSE = timedelta(seconds=30)


async def compared(scene: Scene, so_far: ReconcileProgress | None = None) -> str:
    """Two pages, with something to mend on the first."""
    page = PageCompared(DRIFT, ReconcilePosition(USER_ID, USER_ID), removed=1)
    scene.fakes.graph_reconcile.compared.returns_next(lambda _: page)
    run = await scene.client.start_workflow(GraphReconcile.run, so_far, id="graph-reconcile", task_queue=Queue.GRAPH)
    await scene.clock.advance_until(run.result(), step=LONGEST_PAUSE)
    return run.id


async def compared_through_an_outage(scene: Scene) -> str:
    scene.fakes.graph_reconcile.compared.fail(NEO4J_AWAY, times=8)
    return await compared(scene)


async def compared_in_a_new_run(scene: Scene) -> str:
    return await compared(
        scene, ReconcileProgress(await scene.clock.now(), DRIFT, ReconcilePosition(USER_ID, USER_ID), may_remove=1)
    )


async def rebuilt(scene: Scene) -> str:
    scene.fakes.graph_rebuild.projected.returns_next(lambda _: RebuiltBatches(10, USER_ID, (CORRUPT,)))
    run = await scene.client.start_workflow(GraphRebuild.run, id="graph-rebuild", task_queue=Queue.GRAPH)
    await scene.clock.advance_until(run.result(), step=LONGEST_PAUSE)
    return run.id


async def rebuilt_through_an_outage(scene: Scene) -> str:
    scene.fakes.graph_rebuild.projected.fail(NEO4J_AWAY, times=8)
    return await rebuilt(scene)


async def taken(scene: Scene) -> str:
    scene.fakes.snapshots.pages.returns_next(lambda _: PagesDone(10, USER_ID, (CORRUPT,)))
    await scene.snapshooter.starts()
    return await ended(scene.snapshooter)


async def taken_at_night(scene: Scene, so_far: SnapshotsProgress | None = None) -> str:
    order = SnapshotsInput(so_far=so_far)
    run = await scene.client.start_workflow(
        FollowerSnapshots.run, order, id="follower-snapshots", task_queue=Queue.BULK
    )
    await run.result()
    return run.id


async def taken_in_a_new_run(scene: Scene) -> str:
    return await taken_at_night(scene, SnapshotsProgress("2026-01-31", USER_ID, 10, (CORRUPT,)))


async def taken_through_an_outage(scene: Scene) -> str:
    scene.fakes.snapshots.pages.fail(NEO4J_AWAY, times=12)
    await scene.snapshooter.starts()
    await scene.clock.advance(FIVE_QUIET_TRIES + LONGEST_PAUSE)
    await scene.clock.advance_until(scene.snapshooter.end(), step=LONGEST_PAUSE)
    return scene.snapshooter.workflow_id


async def taking_cancelled(scene: Scene) -> str:
    scene.fakes.snapshots.pages.hang()
    await scene.snapshooter.starts()
    await scene.snapshooter.cancels()
    scene.fakes.snapshots.pages.resume()
    return await ended(scene.snapshooter)


async def taking_failed(scene: Scene) -> str:
    scene.fakes.snapshots.pages.always_fail(MONGO_REFUSES)
    await scene.snapshooter.starts()
    return await ended(scene.snapshooter)


OUTCOMES: Mapping[str, Outcome] = {
    "graph-reconcile-compared": compared,
    "graph-reconcile-compared-in-a-new-run": compared_in_a_new_run,
    "graph-reconcile-blocked-and-recovered": compared_through_an_outage,
    "graph-rebuild-completed": rebuilt,
    "graph-rebuild-blocked-and-recovered": rebuilt_through_an_outage,
    "follower-snapshots-completed": taken,
    "follower-snapshots-nightly": taken_at_night,
    "follower-snapshots-completed-in-a-new-run": taken_in_a_new_run,
    "follower-snapshots-blocked-and-recovered": taken_through_an_outage,
    "follower-snapshots-cancelled": taking_cancelled,
    "follower-snapshots-failed": taking_failed,
}
GRAPH: Mapping[str, Outcome] = {**OUTCOMES, **with_end_recorded(OUTCOMES, "follower-snapshots-completed")}
