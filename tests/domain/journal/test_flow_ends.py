"""What the journal tells of the end of a flow: once for each end that it comes to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.event_specs import event_occurrences
from domain.flows import FlowKind, FlowState
from domain.journal.flow_ends import FlowEnd, FlowRef, flow_ended
from domain.journal.occurrences import OccurrenceType, Party, PartyKind, user_party
from domain.users.security_events import EventKind, SecurityEvent

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
USER_ID = "2" * 24
FLOW = FlowRef(FlowKind.SIGN_IN, "sign-in/a-key")
EXPIRED = FlowEnd(FLOW, FlowState.EXPIRED, AT)


def test_end_names_the_flow_its_kind_and_its_state() -> None:
    occurrence = flow_ended(EXPIRED)

    assert (occurrence.type, occurrence.actor) == (OccurrenceType.FLOW_ENDED, None)
    assert occurrence.subject == Party(PartyKind.FLOW, "sign-in/a-key")
    assert occurrence.public == {"kind": "sign_in", "state": "expired"}


def test_same_end_after_a_reset_is_one_occurrence() -> None:
    again = replace(EXPIRED, at=AT + timedelta(minutes=1))

    assert flow_ended(again).occurrence_id == flow_ended(EXPIRED).occurrence_id


@pytest.mark.parametrize(
    "other",
    [
        replace(EXPIRED, state=FlowState.COMPLETED),
        replace(EXPIRED, flow=replace(FLOW, workflow_id="sign-in/another-key")),
        replace(EXPIRED, flow=replace(FLOW, run="a-later-one")),
    ],
    ids=["another state", "another flow", "another run"],
)
def test_other_end_is_an_occurrence_of_its_own(other: FlowEnd) -> None:
    assert flow_ended(other).occurrence_id != flow_ended(EXPIRED).occurrence_id


def test_event_that_completes_a_flow_is_two_occurrences() -> None:
    event = SecurityEvent("1" * 24, USER_ID, EventKind.SIGNED_IN, AT, completes=FLOW)

    login, end = event_occurrences(event)

    assert (login.type, end.type) == (OccurrenceType.USER_LOGIN, OccurrenceType.FLOW_ENDED)
    assert (end.actor, end.public["state"]) == (user_party(USER_ID), "completed")


def test_event_beside_a_flow_is_one_occurrence() -> None:
    assert len(event_occurrences(SecurityEvent("1" * 24, USER_ID, EventKind.SIGNED_IN, AT))) == 1
