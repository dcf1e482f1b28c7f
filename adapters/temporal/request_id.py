"""Carries the request id from HTTP through Temporal's headers into every activity and log line."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from temporalio import client, worker
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadConverter

HEADER = "request-id"

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

Headers = Mapping[str, Payload]


def _with_request_id(headers: Headers) -> Headers:
    current = request_id.get()
    if current is None:
        return headers
    return {**headers, HEADER: PayloadConverter.default.to_payload(current)}


def _read(headers: Headers) -> None:
    """Each activity, workflow and update handler runs in its own context: a value set here is visible only below it."""
    if HEADER in headers:
        request_id.set(PayloadConverter.default.from_payload(headers[HEADER], str))


class RequestIds(client.Interceptor, worker.Interceptor):
    """Registered with the client; workers made from that client use it too."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:
        """Add the request id to the headers of workflow starts and updates."""
        return _ClientCalls(next)

    def intercept_activity(self, next: worker.ActivityInboundInterceptor) -> worker.ActivityInboundInterceptor:
        """Set the request id of an activity from its headers."""
        return _Activities(next)

    def workflow_interceptor_class(
        self, input: worker.WorkflowInterceptorClassInput
    ) -> type[worker.WorkflowInboundInterceptor]:
        """Return the interceptor that sets the id in workflows and passes it on to activities and children."""
        return _Workflows


class _ClientCalls(client.OutboundInterceptor):
    async def start_workflow(self, input: client.StartWorkflowInput) -> client.WorkflowHandle[Any, Any]:
        input.headers = _with_request_id(input.headers)
        return await super().start_workflow(input)

    async def start_workflow_update(self, input: client.StartWorkflowUpdateInput) -> client.WorkflowUpdateHandle[Any]:
        input.headers = _with_request_id(input.headers)
        return await super().start_workflow_update(input)

    async def start_update_with_start_workflow(
        self, input: client.StartWorkflowUpdateWithStartInput
    ) -> client.WorkflowUpdateHandle[Any]:
        start, update = input.start_workflow_input, input.update_workflow_input
        start.headers, update.headers = _with_request_id(start.headers), _with_request_id(update.headers)
        return await super().start_update_with_start_workflow(input)


class _Activities(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        _read(input.headers)
        return await super().execute_activity(input)


class _Workflows(worker.WorkflowInboundInterceptor):
    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        super().init(_WorkflowCalls(outbound))

    async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:
        _read(input.headers)
        return await super().execute_workflow(input)

    async def handle_update_handler(self, input: worker.HandleUpdateInput) -> Any:
        _read(input.headers)
        return await super().handle_update_handler(input)


class _WorkflowCalls(worker.WorkflowOutboundInterceptor):
    def start_activity(self, input: worker.StartActivityInput) -> Any:
        input.headers = _with_request_id(input.headers)
        return super().start_activity(input)

    def start_local_activity(self, input: worker.StartLocalActivityInput) -> Any:
        input.headers = _with_request_id(input.headers)
        return super().start_local_activity(input)

    async def start_child_workflow(self, input: worker.StartChildWorkflowInput) -> Any:
        input.headers = _with_request_id(input.headers)
        return await super().start_child_workflow(input)
