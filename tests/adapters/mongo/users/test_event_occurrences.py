"""A security event brings its occurrence: of each kind one, under the event's own id."""

from collections import Counter
from datetime import UTC, datetime

from adapters.resources import Resources
from domain.event_specs import EVENT_SPECS
from domain.flows import FlowKind
from domain.journal.flow_ends import FlowRef
from domain.journal.occurrences import OccurrenceType
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account
from tests.support.occurrences import documents_of, occurrences_of

NOW = datetime.now(UTC).replace(microsecond=0)


async def record(resources: Resources, *events: SecurityEvent) -> None:
    for event in events:
        await resources.users.security_events.record(event)


async def test_event_of_each_kind_is_one_occurrence_however_often_it_is_recorded(resources: Resources) -> None:
    user_id = (await make_account(resources)).user["_id"]
    before = {each["_id"] for each in await documents_of(resources, user_id)}
    events = [SecurityEvent(resources.hashes.new_object_id(), user_id, kind, NOW) for kind in EventKind]

    await record(resources, *events, *events)

    told = [each for each in await documents_of(resources, user_id) if each["_id"] not in before]
    assert {str(each["_id"]) for each in told} == {event.event_id for event in events}
    assert Counter(each["type"] for each in told) == Counter(EVENT_SPECS[kind].occurrence for kind in EventKind)


async def test_event_that_completes_a_flow_tells_of_its_end_once(resources: Resources) -> None:
    user_id = (await make_account(resources)).user["_id"]
    flow = FlowRef(FlowKind.SIGN_IN, f"sign-in/{resources.hashes.new_object_id()}")
    event = SecurityEvent(resources.hashes.new_object_id(), user_id, EventKind.SIGNED_IN, NOW, completes=flow)

    await record(resources, event, event)

    completed = {"kind": "sign_in", "state": "completed"}
    assert await occurrences_of(resources, flow.workflow_id) == [(OccurrenceType.FLOW_ENDED, completed)]
