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

OWNER_MEMO_KEY = "owner"
"""The memo that names a flow's owner, for us alone: it is sealed like all payloads."""


class FlowOrder(Protocol):
    @property
    def flow_id(self) -> str: ...
    @property
    def body_hash(self) -> str: ...


Input = TypeVar("Input", bound=FlowOrder)


@dataclass(frozen=True)
class FlowStart(Generic[Input]):
    """How a flow begins. `subject_hash` stands for the person; `summary` says in words what the run is.

    `owner_id`: the user whom alone the flow obeys; None where its id is enough.
    """

    run: MethodAsyncSingleParam[Any, Input, FlowView]
    input: Input
    queue: Queue
    subject_hash: str
    summary: str
    owner_id: str | None = None

    def operation(self, workflow_id: str) -> WithStartWorkflowOperation[Any, FlowView]:
        """Started once for good: a repeated start meets the running flow, or the answer of the closed one."""
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
