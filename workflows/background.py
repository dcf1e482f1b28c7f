"""Workflows that the running one starts without waiting for them. Starting the same id again has no effect."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

from workflows.queues import Queue

Flow = TypeVar("Flow")
Input = TypeVar("Input")
Result = TypeVar("Result")
Run = Callable[[Flow, Input], Awaitable[Result]]


async def start_in_background(
    run: Run[Flow, Input, Result],
    input: Input,
    *,
    workflow_id: str,
    queue: Queue,
    summary: str,
    search_attributes: TypedSearchAttributes | None = None,
    reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.ALLOW_DUPLICATE,
) -> workflow.ChildWorkflowHandle[Flow, Result] | None:
    """Start a workflow that outlives the running one.

    Returns None when the id was started before: by default while it runs, with REJECT_DUPLICATE also once it closed.
    """
    try:
        return await workflow.start_child_workflow(
            run,
            input,
            id=workflow_id,
            task_queue=queue,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            id_reuse_policy=reuse,
            search_attributes=search_attributes,
            static_summary=summary,
        )
    except WorkflowAlreadyStartedError:
        workflow.logger.info("background workflow started before")
        return None


async def start_or_signal(
    run: Run[Flow, Input, Result],
    input: Input,
    *,
    workflow_id: str,
    queue: Queue,
    summary: str,
    signals: Sequence[Callable[[Flow], None]],
    search_attributes: TypedSearchAttributes | None = None,
) -> None:
    """Start an entity workflow, or wake the one that runs. Idempotent.

    If it ends at the same moment, the signals are lost: its intent stays open, and the sweep starts it again.
    """
    started = await start_in_background(
        run, input, workflow_id=workflow_id, queue=queue, summary=summary, search_attributes=search_attributes
    )
    if started:
        return
    running: workflow.ExternalWorkflowHandle[Any] = workflow.get_external_workflow_handle(workflow_id)
    try:
        for signal in signals:
            await running.signal(signal)
    except ApplicationError:
        workflow.logger.info("background workflow has just ended; its intent stays open for the sweep")
