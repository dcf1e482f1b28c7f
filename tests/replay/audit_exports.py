"""Produces each outcome of an export of the journal."""

from collections.abc import Mapping

from tests.replay.scene import Outcome, Scene, ended
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES


async def exported(scene: Scene) -> str:
    scene.fakes.audit_export.gathered.fail(MONGO_AWAY, times=1)
    await scene.auditor.starts()
    return await ended(scene.auditor)


async def cancelled(scene: Scene) -> str:
    scene.fakes.audit_export.gathered.hang()
    await scene.auditor.starts()
    await scene.fakes.audit_export.gathered.wait_called(times=1)
    await scene.auditor.cancels()
    scene.fakes.audit_export.gathered.resume()
    return await ended(scene.auditor)


async def failed(scene: Scene) -> str:
    scene.fakes.audit_export.gathered.always_fail(MONGO_REFUSES)
    await scene.auditor.starts()
    return await ended(scene.auditor)


AUDIT_EXPORTS: Mapping[str, Outcome] = {
    "audit-export-completed": exported,
    "audit-export-cancelled": cancelled,
    "audit-export-failed": failed,
}
