"""The effects of a sign-in or a password reset in the stores, which its tests compare."""

from dataclasses import dataclass

from bson import ObjectId
from temporalio.api.enums.v1 import EventType

from adapters.resources import Resources
from api.flows.client import FlowClient
from tests.support.people import SignedIn

ACCEPTED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
ANSWERED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED


@dataclass(frozen=True)
class Traces:
    """Of one user, in the stores: number of sessions, ended ones too; number of trusted devices; every event."""

    sessions: int
    devices: int
    events: tuple[str, ...]


INITIAL_TRACES = Traces(sessions=1, devices=1, events=("registered",))
"""Traces of an account made by tests/support/accounts.py."""
SIGNED_IN_ON_NEW_DEVICE = Traces(sessions=2, devices=2, events=("registered", "signed_in"))


async def traces_of(resources: Resources, someone: SignedIn) -> Traces:
    database, mine = resources.clients.database, {"user_id": ObjectId(someone.user["_id"])}
    events = [event["kind"] async for event in database["security_events"].find(mine)]
    return Traces(
        await database["sessions"].count_documents(mine),
        await database["device_fingerprints"].count_documents(mine | {"is_trusted": True}),
        tuple(sorted(events)),
    )


async def has_step_in_hand(resources: Resources, flow_id: str) -> bool:
    """Whether the flow has accepted a step and not answered it yet: then the step is durable."""
    workflow_id = FlowClient(resources.temporal, resources.hashes).workflow_id(flow_id)
    history = await resources.temporal.get_workflow_handle(workflow_id).fetch_history()
    kinds = [event.event_type for event in history.events]
    return kinds.count(ACCEPTED) > kinds.count(ANSWERED)
