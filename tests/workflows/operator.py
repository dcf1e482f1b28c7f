"""An operator in front of the dev stack. The time-skipping server cannot reset."""

import uuid
from typing import Any, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle

from adapters.resources import Resources
from api.flows.client import FlowClient
from domain.accounts.account_deletion import DeletionStatus
from domain.flows import FlowState, FlowView
from domain.intents import Shard
from tests.support.polling import eventually
from workflows.accounts.account_deletion import account_deletion_workflow_id
from workflows.assistant.turns import turns_workflow_id

Result = TypeVar("Result")


class Operator:
    """Looks at flows in Temporal, and resets them."""

    def __init__(self, resources: Resources) -> None:
        self._temporal: Client = resources.temporal
        self._hashes = resources.hashes
        self._flows = FlowClient(resources.temporal, resources.hashes)

    async def end_of(self, flow_id: str) -> FlowState:
        return (await self._flow(flow_id).result()).state

    async def resets(self, flow_id: str) -> FlowState:
        """Reset a closed flow to its first task. Returns how its new run ended."""
        run_id = await self._reset(self._flow(flow_id).id)
        return (await self._flow(flow_id, run_id).result()).state

    async def resets_deletion(self, user_id: str) -> DeletionStatus:
        """Reset the deletion of an account, whose workflow is named after the account."""
        workflow_id = account_deletion_workflow_id(self._hashes.workflow_key(user_id))
        run_id = await self._reset(workflow_id)
        return DeletionStatus(await self._temporal.get_workflow_handle(workflow_id, run_id=run_id).result())

    async def resets_drain(self, shard: Shard) -> None:
        """Reset the entity of a shard, which goes on as a new run."""
        await self._reset(shard.workflow_id)

    async def resets_turns(self, chat_id: str) -> None:
        """Reset the entity of a chat, which goes on as a new run."""
        await self._reset(turns_workflow_id(self._hashes.workflow_key(chat_id)))

    async def resets_to(self, result_type: type[Result], workflow_id: str) -> Result:
        """The same for one that is no flow. Returns the result of its new run."""
        run_id = await self._reset(workflow_id)
        run = self._temporal.get_workflow_handle(workflow_id, run_id=run_id, result_type=result_type)
        result: Result = await run.result()
        return result

    async def _first_task(self, workflow_id: str) -> int | None:
        """Id of the event that completed the first task; None before. Its effects can be seen a moment earlier."""
        history = await self._temporal.get_workflow_handle(workflow_id).fetch_history()
        done = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
        return next((event.event_id for event in history.events if event.event_type == done), None)

    async def _reset(self, workflow_id: str) -> str:
        """Returns the new run."""
        first_task = await eventually(lambda: self._first_task(workflow_id))
        reset = await self._temporal.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=self._temporal.namespace,
                workflow_execution=WorkflowExecution(workflow_id=workflow_id),
                reason="test",
                workflow_task_finish_event_id=first_task,
                request_id=str(uuid.uuid4()),
            )
        )
        return reset.run_id

    def _flow(self, flow_id: str, run_id: str | None = None) -> WorkflowHandle[Any, FlowView]:
        workflow_id = self._flows.workflow_id(flow_id)
        return self._temporal.get_workflow_handle(workflow_id, run_id=run_id, result_type=FlowView)
