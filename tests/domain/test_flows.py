"""The kind is read from a flow id, or none; a closed flow says why it takes no step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import AttemptsExhausted, DecodeError, FlowClosed, FlowExpired, FlowNotFound
from domain.flows import (
    FLOWS,
    PUBLIC_KINDS,
    FlowKind,
    FlowState,
    StartedBy,
    parse_flow_kind,
    refusal_for_state,
    started_by,
)

BITS = "Az09_-" * 5 + "xy"
"""192 bits as base64url."""

BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("kind", FlowKind)
@given(bits=st.text(BASE64URL, min_size=32, max_size=32))
def test_first_letter_gives_the_kind(kind: FlowKind, bits: str) -> None:
    assert parse_flow_kind(FLOWS[kind].letter + bits) is kind


@pytest.mark.parametrize(
    ("flow_id", "starter"),
    [
        (f"u{BITS}", StartedBy.USER),
        (f"e{BITS}", StartedBy.USER),
        (f"v{BITS}", StartedBy.CLIENT),
        (f"r{BITS}", StartedBy.CLIENT),
        (f"f{BITS}", StartedBy.ADMIN),
        ("u", StartedBy.CLIENT),
        (f"?{BITS}", StartedBy.CLIENT),
    ],
)
def test_flow_id_gives_the_kind_of_caller_that_starts_such_flows(flow_id: str, starter: StartedBy) -> None:
    assert started_by(flow_id) is starter


def test_each_kind_has_a_letter_of_its_own() -> None:
    letters = [spec.letter for spec in FLOWS.values()]

    assert set(FLOWS) == set(FlowKind)
    assert sorted(set(letters)) == sorted(letters), (
        "two kinds have one letter: give the new one another in domain/flows.py"
    )


def test_way_back_to_an_address_is_shown_as_a_change_of_address() -> None:
    assert FLOWS[FlowKind.EMAIL_REVERT].shown_as is FlowKind.EMAIL_CHANGE
    assert set(PUBLIC_KINDS) == set(FlowKind) - {FlowKind.EMAIL_REVERT}


@given(st.text() | st.text("r" + BASE64URL, min_size=30, max_size=32).map("r".__add__).filter(lambda t: len(t) != 33))
def test_garbage_is_no_flow(garbage: str) -> None:
    with pytest.raises(FlowNotFound):
        parse_flow_kind(garbage)


@pytest.mark.parametrize(
    "flow_id",
    [
        "",
        f"?{BITS}",
        f"R{BITS}",
        f"0{BITS}",
        f"r{BITS[1:]}",
        f"r{BITS}A",
        f"r{BITS}\n",
        f" r{BITS}",
        f"r{BITS[1:]}=",
        f"r{BITS[1:]}é",
        f"r{BITS[1:]}\u0663",
        f"r{BITS[1:]}\x00",
        f"r{BITS[1:]}/",
        f"r{BITS[1:]}\ud800",
    ],
)
def test_near_miss_is_no_flow(flow_id: str) -> None:
    with pytest.raises(FlowNotFound):
        parse_flow_kind(flow_id)


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (FlowState.WAITING, None),
        (FlowState.RUNNING, None),
        (FlowState.COMPLETED, FlowClosed),
        (FlowState.CANCELLED, FlowClosed),
        (FlowState.FAILED, FlowClosed),
        (FlowState.EXPIRED, FlowExpired),
        (FlowState.LOCKED, AttemptsExhausted),
    ],
)
def test_refusal_says_why_the_flow_is_over(state: FlowState, refusal: type[DecodeError] | None) -> None:
    assert refusal_for_state(state) is refusal


@pytest.mark.parametrize("state", FlowState)
def test_only_an_open_flow_takes_steps(state: FlowState) -> None:
    assert (refusal_for_state(state) is None) == state.is_open
