"""Carries the request id through workers: into workflows and activities, and on to what a workflow starts. An activity
also knows the id of its workflow.
"""

from typing import Any

from temporalio import activity, worker

from adapters.causes import workflow_id
from adapters.temporal.request_id import read_request_id, with_request_id


class WorkerRequestIds(worker.Interceptor):
    """The worker's interceptor, before all others, so that their log lines have the id."""

    def intercept_activity(self, next: worker.ActivityInboundInterceptor) -> worker.ActivityInboundInterceptor:
        """Set the request id of an activity from its headers."""
        return _Activities(next)

    def workflow_interceptor_class(
        self, input: worker.WorkflowInterceptorClassInput
    ) -> type[worker.WorkflowInboundInterceptor]:
        """Return the interceptor that sets the id in workflows and passes it on to activities and children."""
        return _Workflows


class _Activities(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        read_request_id(input.headers)
        workflow_id.set(activity.info().workflow_id)
        return await super().execute_activity(input)


class _Workflows(worker.WorkflowInboundInterceptor):
    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        super().init(_WorkflowCalls(outbound))

    async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:
        read_request_id(input.headers)
        return await super().execute_workflow(input)

    async def handle_update_handler(self, input: worker.HandleUpdateInput) -> Any:
        read_request_id(input.headers)
        return await super().handle_update_handler(input)


class _WorkflowCalls(worker.WorkflowOutboundInterceptor):
    def start_activity(self, input: worker.StartActivityInput) -> Any:
        input.headers = with_request_id(input.headers)
        return super().start_activity(input)

    def start_local_activity(self, input: worker.StartLocalActivityInput) -> Any:
        input.headers = with_request_id(input.headers)
        return super().start_local_activity(input)

    async def start_child_workflow(self, input: worker.StartChildWorkflowInput) -> Any:
        input.headers = with_request_id(input.headers)
        return await super().start_child_workflow(input)
