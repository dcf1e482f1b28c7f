"""Ends of flows, as the journal tells of them: each flow ends once in each final state that it reaches."""

from dataclasses import dataclass
from datetime import datetime

from domain.flows import FlowKind, FlowState
from domain.journal.occurrences import Occurrence, OccurrenceType, Party, PartyKind, derived_id, user_party


@dataclass(frozen=True)
class FlowRef:
    """A flow by its workflow id. `run`: what tells it from others with the same id, where there are any."""

    kind: FlowKind
    workflow_id: str
    run: str = ""


@dataclass(frozen=True)
class FlowEnd:
    """`user_id`: who has taken the flow's steps, None where that is not proved. `request_id`: of the request that ended
    the flow, None where it came to its end by the one that began it.
    """

    flow: FlowRef
    state: FlowState
    at: datetime
    user_id: str | None = None
    request_id: str | None = None


def flow_ended(end: FlowEnd) -> Occurrence:
    """Return the occurrence of the end, the same after a reset that comes to the same end."""
    kind, flow = OccurrenceType.FLOW_ENDED, end.flow
    return Occurrence(
        derived_id(kind, flow.workflow_id, flow.run, end.state),
        kind,
        end.at,
        user_party(end.user_id) if end.user_id else None,
        Party(PartyKind.FLOW, flow.workflow_id),
        {"kind": flow.kind, "state": end.state},
        request_id=end.request_id,
    )
