"""Produces each outcome of a deactivation and of an export."""

from collections.abc import Mapping
from datetime import timedelta

from domain.accounts.account_deletion import DeletionStatus
from tests.replay.scene import FIVE_QUIET_TRIES, Outcome, Scene, ended, with_end_recorded
from tests.workflows.fakes.failures import MONGO_REFUSES, NEO4J_AWAY
from workflows.operations.sweep import Sweep
from workflows.queues import Queue

A_DAY = timedelta(days=1)


async def erased(scene: Scene) -> str:
    scene.fakes.deletion.hidden.returns_next(lambda _: False)
    scene.fakes.erasure.erased.returns_next(lambda _: False)
    await scene.leaver.deactivates()
    await scene.clock.advance_until(scene.leaver.end(), step=A_DAY)
    return scene.leaver.workflow_id


async def undone(scene: Scene) -> str:
    await scene.leaver.deactivates()
    await scene.leaver.waits(days=29)
    await scene.leaver.reactivates()
    await scene.leaver.end()
    return scene.leaver.workflow_id


async def undone_by_signal(scene: Scene) -> str:
    await scene.leaver.deactivates()
    await scene.leaver.waits(days=3)
    scene.fakes.deletion.has_status(DeletionStatus.BACK)
    await scene.leaver.flow.signal("changed")
    await scene.leaver.end()
    return scene.leaver.workflow_id


async def undone_at_the_last_moment(scene: Scene) -> str:
    def too_late(_: object) -> bool:
        scene.fakes.deletion.has_status(DeletionStatus.BACK)
        return False

    scene.fakes.erasure.tombstones_written.always_returns(too_late)
    await scene.leaver.deactivates()
    await scene.clock.advance_until(scene.leaver.end(), step=A_DAY)
    return scene.leaver.workflow_id


async def replaced(scene: Scene) -> str:
    """A later deactivation has a flow of its own."""
    await scene.leaver.deactivates()
    scene.fakes.deletion.account = None
    await scene.leaver.flow.signal("changed")
    await scene.leaver.end()
    return scene.leaver.workflow_id


async def left_again(scene: Scene) -> str:
    """One flow sees to both deactivations, one after the other."""
    await scene.leaver.deactivates()
    await scene.leaver.deactivates_again()
    await scene.fakes.deletion.closed.wait_called(times=2)
    return scene.leaver.workflow_id


async def erased_again(scene: Scene) -> str:
    """Started once more where only the tombstone is left."""
    scene.fakes.erasure.goodbye_sent.always_returns(lambda _: None)
    await scene.leaver.records_deactivation()
    scene.fakes.deletion.has_status(DeletionStatus.ERASED)
    await scene.leaver.starts()
    await scene.leaver.end()
    return scene.leaver.workflow_id


async def blocked_and_recovered(scene: Scene) -> str:
    scene.fakes.erasure.erased.fail(NEO4J_AWAY, times=8)
    await scene.leaver.reaches_the_deadline()
    await scene.fakes.erasure.erased.wait_called(times=1)
    await scene.clock.advance(2 * FIVE_QUIET_TRIES)
    assert await scene.leaver.blocked_on() == "neo4j"
    await scene.clock.advance_until(scene.leaver.end())
    return scene.leaver.workflow_id


async def swept(scene: Scene) -> str:
    """One deletion runs already."""
    await scene.leaver.deactivates()
    scene.fakes.sweep.found_deletions.returns_next(lambda _: [scene.leaver.input])
    run = await scene.client.start_workflow(Sweep.run, id="sweep", task_queue=Queue.BULK)
    await run.result()
    return run.id


async def exported(scene: Scene) -> str:
    await scene.exporter.starts()
    return await ended(scene.exporter)


async def export_cancelled(scene: Scene) -> str:
    scene.fakes.export.gathered.hang()
    await scene.exporter.starts()
    await scene.fakes.export.gathered.wait_called(times=1)
    await scene.exporter.cancels()
    scene.fakes.export.gathered.resume()
    return await ended(scene.exporter)


async def export_failed(scene: Scene) -> str:
    scene.fakes.export.gathered.always_fail(MONGO_REFUSES)
    await scene.exporter.starts()
    return await ended(scene.exporter)


OUTCOMES: Mapping[str, Outcome] = {
    "account-deletion-erased": erased,
    "account-deletion-erased-again": erased_again,
    "account-deletion-undone": undone,
    "account-deletion-undone-by-signal": undone_by_signal,
    "account-deletion-undone-at-the-last-moment": undone_at_the_last_moment,
    "account-deletion-replaced": replaced,
    "account-deletion-left-again": left_again,
    "account-deletion-blocked-and-recovered": blocked_and_recovered,
    "account-export-completed": exported,
    "account-export-cancelled": export_cancelled,
    "account-export-failed": export_failed,
    "sweep-swept-with-deletions": swept,
}
DEPARTURES: Mapping[str, Outcome] = {
    **OUTCOMES,
    **with_end_recorded(
        OUTCOMES,
        "account-deletion-erased",
        "account-deletion-undone",
        "account-deletion-left-again",
        "account-export-completed",
        "account-export-failed",
    ),
}
