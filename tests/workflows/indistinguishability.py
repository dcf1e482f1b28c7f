"""What clients and operators can see of a flow: a decoy must not differ in it."""

from collections import Counter

from temporalio.api.enums.v1 import EventType

from domain.flows import FlowView
from tests.workflows.clients.flow_client import FlowActor

COMMANDS = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_MARKER_RECORDED,
    EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
}


def shape(view: FlowView) -> tuple[object, ...]:
    """Return the content of a view without what differs between any two flows; times relative to each other."""
    wait = view.expires_at - view.resend_available_at if view.expires_at and view.resend_available_at else None
    return view.kind, view.state, view.next, view.attempts_left, wait


async def steps(actor: FlowActor) -> Counter[str]:
    """How often a flow did what, as its history shows it to an operator."""
    return Counter(EventType.Name(event.event_type) for event in await actor.events() if event.event_type in COMMANDS)
