"""Produces each outcome of workflows on the journal: checkpoints, verifications."""

from collections.abc import Mapping
from datetime import timedelta

from tests.replay.scene import Outcome, Scene, ended
from tests.workflows.clients.audit_verify import AuditVerifyClient
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.fakes.journal_checks import BROKEN
from workflows.operations.audit_verify import AuditVerify, VerifyInput
from workflows.operations.journal_checkpoint import JournalCheckpoint
from workflows.queues import Queue


async def signed(scene: Scene) -> str:
    run = await scene.client.start_workflow(JournalCheckpoint.run, id="journal-checkpoint-now", task_queue=Queue.BULK)
    await scene.clock.advance_until(run.result(), step=timedelta(hours=1))
    return run.id


async def signed_without_news(scene: Scene) -> str:
    scene.fakes.journal_checkpoint.signed.always_returns(lambda _: None)
    return await signed(scene)


async def signed_and_partly_anchored(scene: Scene) -> str:
    scene.fakes.journal_checkpoint.appended.always_fail(MONGO_AWAY)
    return await signed(scene)


async def verified(scene: Scene) -> str:
    verifier = AuditVerifyClient(scene.client, scene.clock)
    await verifier.starts(first=3, last=7)
    return await ended(verifier)


async def verified_at_night(scene: Scene) -> str:
    run = await scene.client.start_workflow(
        AuditVerify.run, VerifyInput(), id="audit-verify-nightly", task_queue=Queue.BULK
    )
    await run.result()
    return run.id


async def verified_as_broken(scene: Scene) -> str:
    scene.fakes.audit_verify.verified.always_returns(lambda _: BROKEN)
    return await verified(scene)


async def verified_through_an_outage(scene: Scene) -> str:
    scene.fakes.audit_verify.verified.fail(MONGO_AWAY, times=8)
    verifier = AuditVerifyClient(scene.client, scene.clock)
    await verifier.starts()
    await scene.clock.advance_until(verifier.end(), step=timedelta(seconds=30))
    return verifier.workflow_id


async def verification_cancelled(scene: Scene) -> str:
    scene.fakes.audit_verify.verified.hang()
    verifier = AuditVerifyClient(scene.client, scene.clock)
    await verifier.starts()
    await scene.fakes.audit_verify.verified.wait_called(times=1)
    await verifier.cancels()
    scene.fakes.audit_verify.verified.resume()
    return await ended(verifier)


async def verification_failed(scene: Scene) -> str:
    scene.fakes.audit_verify.verified.always_fail(MONGO_REFUSES)
    return await verified(scene)


JOURNAL: Mapping[str, Outcome] = {
    "journal-checkpoint-anchored": signed,
    "journal-checkpoint-unchanged": signed_without_news,
    "journal-checkpoint-partly-anchored": signed_and_partly_anchored,
    "audit-verify-intact": verified,
    "audit-verify-nightly": verified_at_night,
    "audit-verify-broken": verified_as_broken,
    "audit-verify-blocked-and-recovered": verified_through_an_outage,
    "audit-verify-cancelled": verification_cancelled,
    "audit-verify-failed": verification_failed,
}
