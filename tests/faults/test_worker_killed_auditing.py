"""kill -9 of the worker in the middle of a verification and of an export of the journal: each is done, and once."""

import secrets
import signal
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import WorkflowHandle

from adapters.resources import Resources
from devstack.stack import Stack
from domain.flows import FlowState
from domain.journal.audit import AuditFilter
from domain.journal.export_check import ExportCheck, parse_export
from domain.journal.occurrences import OccurrenceType
from tests.faults.outages import frozen, healthy, send_signal
from tests.support.accounts import make_account
from tests.support.occurrences import find_documents
from tests.support.polling import eventually
from workflows.journal.audit_export import AuditExport, AuditExportInput
from workflows.operations.audit_verify import AuditVerify, VerifyInput
from workflows.queues import Queue

STARTED = PendingActivityState.PENDING_ACTIVITY_STATE_STARTED


async def under_way(run: WorkflowHandle[Any, Any]) -> str:
    """Return the id of an activity of the workflow once a worker is at it."""

    async def started() -> str | None:
        pending = (await run.describe()).raw_description.pending_activities
        return next((activity.activity_id for activity in pending if activity.state == STARTED), None)

    return await eventually(started, within=30)


async def attempts(run: WorkflowHandle[Any, Any]) -> list[int]:
    """Return the attempt that each activity of a closed workflow was done by."""
    events = (await run.fetch_history()).events
    return [
        event.activity_task_started_event_attributes.attempt
        for event in events
        if event.HasField("activity_task_started_event_attributes")
    ]


async def count_told(resources: Resources, workflow_id: str, type: OccurrenceType) -> int:
    """Return how often this is told of the workflow, with a number or before it has one."""
    return len(await find_documents(resources, {"cause": workflow_id, "type": type}))


async def test_verification_goes_on_from_the_last_heartbeat_and_is_told_once(
    stack: Stack, resources: Resources
) -> None:
    """Its last heartbeat, which we send in its name, says that a million entries up to the newest are verified."""
    workflow_id, temporal = f"audit-verify-{secrets.token_hex(8)}", resources.temporal
    newest = (await eventually(resources.journal.journal.find_head)).link
    with frozen(stack, "mongodb"):
        run = await temporal.start_workflow(AuditVerify.run, VerifyInput(), id=workflow_id, task_queue=Queue.BULK)
        activity_id = await under_way(run)
        send_signal(stack, "worker", signal.SIGKILL)
        verifying = temporal.get_async_activity_handle(workflow_id=workflow_id, run_id=None, activity_id=activity_id)
        await verifying.heartbeat(newest.seq, newest.hash, 1_000_000, 0)
    await healthy(stack)

    report = await run.result()

    assert report.state is FlowState.COMPLETED
    assert report.found
    assert report.found.ok
    assert report.found.checked >= 1_000_000
    assert max(await attempts(run)) > 1
    assert await count_told(resources, workflow_id, OccurrenceType.AUDIT_VERIFIED) == 1


async def test_export_cut_in_the_middle_of_a_chunk_is_one_whole_file(stack: Stack, resources: Resources) -> None:
    """The worker has gathered the chunk, and cannot write it: another transaction is at its place."""
    reader, key = await make_account(resources), secrets.token_hex(11)
    workflow_id = f"audit-export/{key}"
    input = AuditExportInput(
        key, reader.user["_id"], AuditFilter(), "Linux", "192.0.2.0/24", datetime.now(UTC), body_hash=""
    )
    async with resources.clients.mongo.start_session() as lock, await lock.start_transaction():
        place = {"_id": ObjectId(), "flow_key": key, "part": "000000"}
        await resources.clients.database["exports"].insert_one(place, session=lock)
        run = await resources.temporal.start_workflow(AuditExport.run, input, id=workflow_id, task_queue=Queue.BULK)
        await under_way(run)
        send_signal(stack, "worker", signal.SIGKILL)
        await lock.abort_transaction()
    await healthy(stack)

    view = await run.result()

    file = resources.journal.export_words.open(resources.exports.read(key))
    lines = iter([line async for piece in file for line in piece.splitlines(keepends=True)])
    check = ExportCheck(parse_export(next(lines)), None)
    numbers = list(check.verify(lines))
    assert view.state is FlowState.COMPLETED
    assert numbers == list(range(check.result.export.first, check.result.export.last + 1))
    assert max(await attempts(run)) > 1
    assert await count_told(resources, workflow_id, OccurrenceType.AUDIT_EXPORTED) == 1
