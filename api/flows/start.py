"""Describes the start of a flow, which takes effect once however often it is repeated."""

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.types import MethodAsyncSingleParam

from domain.flows import FlowView, parse_flow_kind
from workflows.activity_options import TASK_TIMEOUT
from workflows.queues import Queue
from workflows.search_attributes import flow_attributes

OWNER_MEMO_KEY = "owner"
"""Memo key of the flow owner's user id. The value is encrypted like all payloads."""


class FlowOrder(Protocol):
    """Fields common to the inputs of all flows."""

    @property
    def flow_id(self) -> str:
        """The public id of the flow, a bearer secret."""

    @property
    def body_hash(self) -> str:
        """Keyed hash of the body of the request that starts it."""


Input = TypeVar("Input", bound=FlowOrder)


@dataclass(frozen=True)
class FlowStart(Generic[Input]):
    """Parameters of a start. `subject_hash`: keyed hash of an email address or username; `summary`: shown to operators.

    `owner_id`: the only user who may update the flow; None where its id suffices.
    """

    run: MethodAsyncSingleParam[Any, Input, FlowView]
    input: Input
    queue: Queue
    subject_hash: str
    summary: str
    owner_id: str | None = None

    def operation(self, workflow_id: str) -> WithStartWorkflowOperation[Any, FlowView]:
        """Return the start operation. A repeated start joins the running flow, or gets the reply of the closed one."""
        return WithStartWorkflowOperation(
            self.run,
            self.input,
            id=workflow_id,
            task_queue=self.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            task_timeout=TASK_TIMEOUT,
            memo={OWNER_MEMO_KEY: self.owner_id} if self.owner_id else None,
            search_attributes=flow_attributes(parse_flow_kind(self.input.flow_id), self.subject_hash),
            static_summary=self.summary,
        )
