"""How a flow is started: once for good, whoever repeats it."""

from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.types import MethodAsyncSingleParam

from domain.flows import FlowView, parse_flow_kind
from workflows.activity_options import TASK_TIMEOUT
from workflows.queues import Queue
from workflows.search_attributes import flow_attributes

OWNER = "owner"
"""The memo that names a flow's owner, for us alone: it is sealed like all payloads."""


class FlowOrder(Protocol):
    @property
    def flow_id(self) -> str: ...
    @property
    def body_hash(self) -> str: ...


Order = TypeVar("Order", bound=FlowOrder)


@dataclass(frozen=True)
class Start(Generic[Order]):
    """How a flow begins. `subject_hash` stands for the person; `summary` says in words what the run is.

    `owner`: the user whom alone the flow obeys; None where its id is enough.
    """

    run: MethodAsyncSingleParam[Any, Order, FlowView]
    order: Order
    queue: Queue
    subject_hash: str
    summary: str
    owner: str | None = None

    def under(self, workflow_id: str) -> WithStartWorkflowOperation[Any, FlowView]:
        """Started once for good: a repeated start meets the running flow, or the answer of the closed one."""
        return WithStartWorkflowOperation(
            self.run,
            self.order,
            id=workflow_id,
            task_queue=self.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            task_timeout=TASK_TIMEOUT,
            memo={OWNER: self.owner} if self.owner else None,
            search_attributes=flow_attributes(parse_flow_kind(self.order.flow_id), self.subject_hash),
            static_summary=self.summary,
        )
