"""Temporal Schedules and search attributes, declared here and created at worker start."""

from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from domain.flows import FlowKind
from workflows import search_attributes as attributes
from workflows.auth import key_upkeep
from workflows.auth.key_upkeep import KeyUpkeep
from workflows.journal import trim
from workflows.journal.trim import JournalTrim
from workflows.operations import audit_verify, graph_reconcile, journal_checkpoint, sweep
from workflows.operations.audit_verify import AuditVerify, VerifyInput
from workflows.operations.graph_reconcile import GraphReconcile
from workflows.operations.journal_checkpoint import JournalCheckpoint
from workflows.operations.sweep import Sweep
from workflows.queues import Queue
from workflows.social import follower_snapshots
from workflows.social.follower_snapshots import FollowerSnapshots, SnapshotsInput
from workflows.users import access_upkeep
from workflows.users.access_upkeep import AccessUpkeep

SWEEP = "sweep"
GRAPH_RECONCILE = "graph-reconcile"
FOLLOWER_SNAPSHOTS = "follower-snapshots"
JOURNAL_TRIM = "journal-trim"
JOURNAL_CHECKPOINT = "journal-checkpoint"
AUDIT_VERIFY = "audit-verify"
ACCESS_UPKEEP = "access-upkeep"
KEY_UPKEEP = "key-upkeep"
SNAPSHOT_HOUR = 2
VERIFY_HOUR = 3
TRIM_HOUR = 4
"""Hours of the day, UTC."""
CATCH_UP_WINDOW = timedelta(minutes=1)
"""Short, because after an outage the next run does the work of all missed ones."""
UPKEEP_CATCH_UP_WINDOW = timedelta(hours=12)
SNAPSHOT_CATCH_UP_WINDOW = timedelta(hours=21)
"""A run missed at night is caught up until 23:00 UTC, while it is still the same day."""
TRIM_CATCH_UP_WINDOW = timedelta(hours=12)


def _declared() -> dict[str, Schedule]:
    return {
        SWEEP: _sweep(),
        GRAPH_RECONCILE: _graph_reconcile(),
        FOLLOWER_SNAPSHOTS: _follower_snapshots(),
        JOURNAL_TRIM: _journal_trim(),
        JOURNAL_CHECKPOINT: _journal_checkpoint(),
        AUDIT_VERIFY: _audit_verify(),
        ACCESS_UPKEEP: _access_upkeep(),
        KEY_UPKEEP: _key_upkeep(),
    }


def _sweep() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            Sweep.run,
            id=SWEEP,
            task_queue=Queue.BULK,
            static_summary="Carries out what was promised and has not happened yet",
        ),
        spec=_every(sweep.SWEEP_INTERVAL),
        policy=_one_at_a_time(CATCH_UP_WINDOW),
    )


def _graph_reconcile() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            GraphReconcile.run,
            id=GRAPH_RECONCILE,
            task_queue=Queue.GRAPH,
            static_summary=graph_reconcile.SUMMARY,
        ),
        spec=_every(graph_reconcile.RECONCILE_INTERVAL),
        policy=_one_at_a_time(CATCH_UP_WINDOW),
    )


def _follower_snapshots() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            FollowerSnapshots.run,
            SnapshotsInput(),
            id=FOLLOWER_SNAPSHOTS,
            task_queue=Queue.BULK,
            typed_search_attributes=attributes.flow_attributes(FlowKind.FOLLOWER_SNAPSHOTS, ""),
            static_summary=follower_snapshots.SUMMARY,
        ),
        spec=_daily(SNAPSHOT_HOUR),
        policy=_one_at_a_time(SNAPSHOT_CATCH_UP_WINDOW),
    )


def _journal_trim() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            JournalTrim.run, id=JOURNAL_TRIM, task_queue=Queue.BULK, static_summary=trim.SUMMARY
        ),
        spec=_daily(TRIM_HOUR),
        policy=_one_at_a_time(TRIM_CATCH_UP_WINDOW),
    )


def _journal_checkpoint() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            JournalCheckpoint.run,
            id=JOURNAL_CHECKPOINT,
            task_queue=Queue.BULK,
            static_summary=journal_checkpoint.SUMMARY,
        ),
        spec=_every(journal_checkpoint.CHECKPOINT_INTERVAL),
        # One that waits for its mails, for a day at most, does not keep the next from being signed.
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.ALLOW_ALL, catchup_window=CATCH_UP_WINDOW),
    )


def _audit_verify() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            AuditVerify.run,
            VerifyInput(),
            id=AUDIT_VERIFY,
            task_queue=Queue.BULK,
            typed_search_attributes=attributes.flow_attributes(FlowKind.AUDIT_VERIFY, ""),
            static_summary=audit_verify.SUMMARY,
        ),
        spec=_daily(VERIFY_HOUR),
        policy=_one_at_a_time(SNAPSHOT_CATCH_UP_WINDOW),
    )


def _access_upkeep() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            AccessUpkeep.run,
            id=ACCESS_UPKEEP,
            task_queue=Queue.BULK,
            static_summary=access_upkeep.SUMMARY,
        ),
        spec=_every(access_upkeep.UPKEEP_INTERVAL),
        policy=_one_at_a_time(UPKEEP_CATCH_UP_WINDOW),
    )


def _key_upkeep() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            KeyUpkeep.run,
            id=KEY_UPKEEP,
            task_queue=Queue.BULK,
            static_summary=key_upkeep.SUMMARY,
        ),
        spec=_every(key_upkeep.UPKEEP_INTERVAL),
        policy=_one_at_a_time(UPKEEP_CATCH_UP_WINDOW),
    )


def _every(interval: timedelta) -> ScheduleSpec:
    return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=interval)])


def _daily(hour: int) -> ScheduleSpec:
    return ScheduleSpec(calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(hour)], comment=f"{hour:02}:00 UTC")])


def _one_at_a_time(catch_up_window: timedelta) -> SchedulePolicy:
    return SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=catch_up_window)


async def ensure_schedules(client: Client) -> None:
    """Create or update each schedule, keeping an operator's pause."""
    for schedule_id, schedule in _declared().items():
        try:
            await client.create_schedule(schedule_id, schedule)
        except ScheduleAlreadyRunningError:
            await _update(client, schedule_id, schedule)


async def _update(client: Client, schedule_id: str, schedule: Schedule) -> None:
    def newest(current: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule.state = current.description.schedule.state
        return ScheduleUpdate(schedule)

    await client.get_schedule_handle(schedule_id).update(newest)


async def ensure_search_attributes(client: Client) -> None:
    """Register the search attributes of flows that the server does not have yet."""
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = [key.name for key in attributes.ALL_ATTRIBUTES if key.name not in known.custom_attributes]
    if missing:
        keyword = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=dict.fromkeys(missing, keyword))
        )
