"""Starts or wakes a workflow that no caller waits for. The intent is in a store: this only saves time."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.client import Client
from temporalio.common import TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.types import MethodAsyncSingleParam

from workflows.queues import Queue

RPC_TIMEOUT = timedelta(seconds=1)

Order = TypeVar("Order")


async def start_in_background(
    temporal: Client,
    run: MethodAsyncSingleParam[Any, Order, Any],
    order: Order,
    *,
    workflow_id: str,
    queue: Queue,
    summary: str,
    signal: str | None = None,
    signal_args: Sequence[Any] = (),
    search_attributes: TypedSearchAttributes | None = None,
    rpc_timeout: timedelta = RPC_TIMEOUT,
) -> None:
    """Start the workflow unless it runs, and send it `signal` either way. `rpc_timeout`: short by default, since a
    request may wait for it.

    Raises RPCError while Temporal is unavailable.
    """
    await temporal.start_workflow(
        run,
        order,
        id=workflow_id,
        task_queue=queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=signal,
        start_signal_args=signal_args,
        search_attributes=search_attributes,
        static_summary=summary,
        rpc_timeout=rpc_timeout,
    )
