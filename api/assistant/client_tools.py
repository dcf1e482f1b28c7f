"""Calls of tools by users' own clients, each once for its id. A client waits two seconds, then repeats the call."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from temporalio.client import WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from adapters.area_resources import AssistantResources
from api.access.authentication import Caller
from api.access.key_authentication import KeyCaller
from api.access.role_catalogue import RoleCatalogue
from api.assistant.schemas.tools import ToolCallView
from api.flows.client import RETRY_AFTER_SECONDS, RPC_TIMEOUT, retrieve_exception, within_timeout
from domain.assistant.tool_calls import NewToolCall, ToolCall, canonical_call, effect_key
from domain.assistant.tools.checks import ToolCaller, refusal_for_call
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.assistant.tools.listing import usable_tools
from domain.assistant.tools.registry import ToolDefinition
from domain.assistant.tools.results import ToolErrorCode, failure
from domain.errors import DependencyUnavailable, IdempotencyKeyReused
from domain.users.users import User
from workflows.activity_options import TASK_TIMEOUT
from workflows.assistant.tool_calls import ToolCall as ToolCallWorkflow
from workflows.assistant.tool_calls import ToolCallInput, tool_call_workflow_id
from workflows.queues import Queue

UPDATE_ID = "finished"
SUMMARY = "A call of a tool"


@dataclass(frozen=True)
class ToolUser:
    """Who calls. `asker_id`: the id of a session, or the prefix of an API key. `scopes`: of the key, None for a
    session.
    """

    user: User
    asker_id: str
    scopes: Collection[str] | None = None

    @classmethod
    def of(cls, caller: Caller) -> "ToolUser":
        """Return the caller of a request."""
        return cls(caller.user, caller.asker_id, caller.key.scopes if isinstance(caller, KeyCaller) else None)


@dataclass(frozen=True)
class ClientTools:
    """Takes calls: checks them, stores them and has them run."""

    resources: AssistantResources
    catalogue: RoleCatalogue

    async def list_tools(self, caller: ToolUser, now: datetime) -> Sequence[ToolDefinition]:
        """Return the tools that the caller may use, by name."""
        return usable_tools(REGISTRY, await self._tool_caller(caller, now))

    async def call(
        self, caller: ToolUser, name: str, arguments: Mapping[str, object], call_id: str | None, now: datetime
    ) -> ToolCallView:
        """Run a call, or join the one that runs or has run under this id; the view has no result while it runs.

        Raises IdempotencyKeyReused for an id of another call, and DependencyUnavailable when the call may not have been
        started.
        """
        call_id = call_id or self.resources.hashes.new_object_id()
        checked = refusal_for_call(
            name,
            arguments,
            caller=await self._tool_caller(caller, now),
            tools=REGISTRY,
            find_faults=self.resources.assistant.argument_schemas.find_faults,
        )
        tool = REGISTRY.find(name)
        if checked or tool is None:
            return ToolCallView.of_refused(call_id, name, checked or failure(ToolErrorCode.TOOL_NOT_FOUND))
        new = self._new_call(caller, call_id, tool, arguments)
        call = await self.resources.assistant.tool_calls.begin(new, now)
        if call is None:
            return ToolCallView.of_refused(call_id, name, failure(ToolErrorCode.CONCURRENCY_LIMIT))
        if call.body_hash != new.body_hash:
            raise IdempotencyKeyReused
        return ToolCallView.of(call if call.result else await self._run(call, tool))

    async def _tool_caller(self, caller: ToolUser, now: datetime) -> ToolCaller:
        """A key may use the tools that are in its scopes and in its owner's rights."""
        return ToolCaller.of(await self.catalogue.permissions_of(caller.user, now), caller.scopes)

    def _new_call(
        self, caller: ToolUser, call_id: str, tool: ToolDefinition, arguments: Mapping[str, object]
    ) -> NewToolCall:
        hashes, user_id = self.resources.hashes, caller.user.user_id
        return NewToolCall(
            call_key=hashes.derive_object_id(effect_key(user_id, call_id), "tool-call"),
            user_id=user_id,
            call_id=call_id,
            tool=tool.name,
            arguments=arguments,
            body_hash=hashes.body_hash(canonical_call(tool.name, arguments)),
            asker_id=caller.asker_id,
        )

    async def _run(self, call: ToolCall, tool: ToolDefinition) -> ToolCall:
        """Start the call's workflow unless it was started before, and return the call as it is when that has ended, or
        after two seconds.
        """
        start = self._operation(call, tool)
        update = self.resources.temporal.execute_update_with_start_workflow(
            ToolCallWorkflow.wait_finished, start_workflow_operation=start, id=UPDATE_ID, rpc_timeout=RPC_TIMEOUT
        )
        try:
            await within_timeout(update)
        except (WorkflowAlreadyStartedError, WorkflowUpdateFailedError):
            pass  # It has ended.
        finally:
            await retrieve_exception(start)
        found = await self.resources.assistant.tool_calls.find(call.call_key) or call
        if found.result is None:
            await self._require_started(call)
        return found

    def _operation(self, call: ToolCall, tool: ToolDefinition) -> WithStartWorkflowOperation[ToolCallWorkflow, None]:
        return WithStartWorkflowOperation(
            ToolCallWorkflow.run,
            ToolCallInput(call.call_key, tool.attempts, tool.timeout.total_seconds()),
            id=self._workflow_id(call),
            task_queue=Queue.ASSISTANT,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            task_timeout=TASK_TIMEOUT,
            static_summary=SUMMARY,
        )

    async def _require_started(self, call: ToolCall) -> None:
        """Raise DependencyUnavailable unless Temporal knows the call."""
        workflow = self.resources.temporal.get_workflow_handle(self._workflow_id(call))
        try:
            await workflow.describe(rpc_timeout=RPC_TIMEOUT)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            raise DependencyUnavailable(retry_after=RETRY_AFTER_SECONDS) from None

    def _workflow_id(self, call: ToolCall) -> str:
        return tool_call_workflow_id(self.resources.hashes.workflow_key(effect_key(call.user_id, call.call_id)))
