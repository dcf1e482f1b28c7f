"""Carries the request id from HTTP through Temporal's headers into every activity and log line. This is the client's
part; workers/request_id.py is the workers', which need 7 MB of the SDK that the API does not load.
"""

from collections.abc import Mapping
from typing import Any

from temporalio import client
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadConverter

from adapters.causes import request_id

HEADER = "request-id"

Headers = Mapping[str, Payload]


def with_request_id(headers: Headers) -> Headers:
    """Return the headers with the request id of the context, if it has one."""
    current = request_id.get()
    if current is None:
        return headers
    return {**headers, HEADER: PayloadConverter.default.to_payload(current)}


def read_request_id(headers: Headers) -> None:
    """Set the request id of the context from the headers, if they have one.

    Each activity, workflow and update handler runs in its own context: a value set here is visible only below it.
    """
    if HEADER in headers:
        request_id.set(PayloadConverter.default.from_payload(headers[HEADER], str))


class ClientRequestIds(client.Interceptor):
    """The client's interceptor."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:
        """Add the request id to the headers of workflow starts and updates."""
        return _ClientCalls(next)


class _ClientCalls(client.OutboundInterceptor):
    async def start_workflow(self, input: client.StartWorkflowInput) -> client.WorkflowHandle[Any, Any]:
        input.headers = with_request_id(input.headers)
        return await super().start_workflow(input)

    async def start_workflow_update(self, input: client.StartWorkflowUpdateInput) -> client.WorkflowUpdateHandle[Any]:
        input.headers = with_request_id(input.headers)
        return await super().start_workflow_update(input)

    async def start_update_with_start_workflow(
        self, input: client.StartWorkflowUpdateWithStartInput
    ) -> client.WorkflowUpdateHandle[Any]:
        start, update = input.start_workflow_input, input.update_workflow_input
        start.headers, update.headers = with_request_id(start.headers), with_request_id(update.headers)
        return await super().start_update_with_start_workflow(input)
