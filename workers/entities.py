"""Entities that run for as long as there is a worker, started at worker start."""

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy

from activities.journal.journal import KeepNumbering
from workflows.journal import journal
from workflows.journal.journal import Journal
from workflows.queues import Queue


async def ensure_entities(client: Client) -> None:
    """Start each entity unless it runs."""
    await client.start_workflow(
        Journal.run,
        KeepNumbering(),
        id=journal.WORKFLOW_ID,
        task_queue=Queue.JOURNAL,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary=journal.SUMMARY,
    )
