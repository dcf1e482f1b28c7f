"""The limit of a flow: an update-with-start that does nothing, on the same server and kind of worker."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import workflow
from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Worker

from workers.sandbox import workflow_runner

QUEUE = "bench"


@workflow.defn(name="BenchEmpty")
class BaselineWorkflow:
    def __init__(self) -> None:
        self._is_asked = False

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: self._is_asked)

    @workflow.update
    async def ask(self) -> None:
        self._is_asked = True


async def update_with_start(client: Client) -> None:
    start = WithStartWorkflowOperation(
        BaselineWorkflow.run,
        id=f"bench/{secrets.token_hex(8)}",
        task_queue=QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
    )
    await client.execute_update_with_start_workflow(BaselineWorkflow.ask, start_workflow_operation=start)


@asynccontextmanager
async def worker(client: Client) -> AsyncIterator[None]:
    """Run the worker with the production runner, so that the sandbox costs the same on both sides."""
    async with Worker(client, task_queue=QUEUE, workflows=[BaselineWorkflow], workflow_runner=workflow_runner()):
        yield
