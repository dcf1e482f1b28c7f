"""Hashes of users, devices and requests: stable, bound to their purpose, revealing nothing."""

import base64
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.crypto.keyed_hashes import KeyedHashes
from domain.flows import FlowKind, parse_flow_kind
from tests.adapters.crypto.rings import OLD, ROTATED_AWAY, ring, secret

HASHES = KeyedHashes(OLD)

MADE: dict[str, Callable[[KeyedHashes], str]] = {
    "subject_hash": lambda hashes: hashes.subject_hash("alice@example.com"),
    "workflow_key": lambda hashes: hashes.workflow_key("alice@example.com"),
    "derive_object_id": lambda hashes: hashes.derive_object_id("alice@example.com", "user"),
    "username_hold_key": lambda hashes: hashes.username_hold_key("alice"),
    "email_hold_key": lambda hashes: hashes.email_hold_key("alice@example.com"),
    "derive_revert_flow_id": lambda hashes: hashes.derive_revert_flow_id("email-change/alice"),
    "fingerprint_hash": lambda hashes: hashes.fingerprint_hash("alice", "device"),
    "code_proof": lambda hashes: hashes.code_proof("alice", "device"),
    "request_key": lambda hashes: hashes.request_key("alice", "POST /x", "key"),
    "body_hash": lambda hashes: hashes.body_hash("{}"),
}


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("subject_hash", "gr80qbQOluh0uEgeDP9eGb"),
        ("workflow_key", "DatRyKHPCIfhLcicNoKuXK"),
        ("derive_object_id", "f7944b9820dacb976247eb21"),
        ("username_hold_key", "4Ra6etMkaHi4c7E2pmDHyE"),
        ("fingerprint_hash", "jnq_yxM-Cr6F7hRE5DapvpTSB77ujDMhO14wHkoW13Y"),
        ("code_proof", "tqLQgKGp99U4Zhfke49uUwI4Ako10cdiagC9Wbhehns"),
        ("request_key", "i-q84qsff9JKyRuJ4UtpaIvyxiA84qn4"),
        ("body_hash", "twFd1METUiBIY6UrXtGORwbm_j-u1LSyUX6tx2CZCSs"),
    ],
)
def test_hash_is_the_one_already_stored(name: str, known: str) -> None:
    """Made another way, it would no longer find its device, its hold or its flow."""
    assert MADE[name](HASHES) == known


@pytest.mark.parametrize("name", MADE)
def test_hash_is_stable_through_any_rotation(name: str) -> None:
    assert MADE[name](KeyedHashes(ROTATED_AWAY)) == MADE[name](HASHES)


@pytest.mark.parametrize("name", MADE)
def test_hash_is_another_in_another_house(name: str) -> None:
    elsewhere = KeyedHashes(ring("old", lookup=secret("elsewhere")))

    assert MADE[name](elsewhere) != MADE[name](HASHES)


def test_no_two_purposes_give_the_same_hash() -> None:
    heads = {make(HASHES)[:20] for make in MADE.values()}

    assert len(heads) == len(MADE)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_operators_see_is_short_and_plain(identifier: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", HASHES.subject_hash(identifier))
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", HASHES.workflow_key(identifier))


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_object_id_is_one_of_mongodb(owner: str, what: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{24}", HASHES.derive_object_id(owner, what))


def test_one_owner_makes_one_object_of_each_kind() -> None:
    made = HASHES.derive_object_id("registration/x", "user")

    assert made == HASHES.derive_object_id("registration/x", "user")
    assert made != HASHES.derive_object_id("registration/x", "session")
    assert made != HASHES.derive_object_id("registration/y", "user")


def test_new_object_ids_never_meet() -> None:
    assert re.fullmatch(r"[0-9a-f]{24}", HASHES.new_object_id())
    assert len({HASHES.new_object_id() for _ in range(100)}) == 100


def test_device_is_bound_to_its_user() -> None:
    assert HASHES.fingerprint_hash("alice", "device") != HASHES.fingerprint_hash("bob", "device")


@pytest.mark.parametrize("other", [("bob", "POST /x", "key"), ("alice", "POST /y", "key"), ("alice", "POST /x", "yek")])
def test_request_is_one_caller_one_route_one_key(other: tuple[str, str, str]) -> None:
    assert HASHES.request_key(*other) != HASHES.request_key("alice", "POST /x", "key")


def test_other_body_is_another_request() -> None:
    assert HASHES.body_hash('{"a":1}') != HASHES.body_hash('{"a":2}')


@pytest.mark.parametrize("kind", FlowKind)
def test_repeated_request_finds_its_own_flow(kind: FlowKind) -> None:
    request = HASHES.request_key("public", "POST /x", "key")
    flow_id = HASHES.new_flow_id(kind, request)

    assert flow_id == HASHES.new_flow_id(kind, request)
    assert parse_flow_kind(flow_id) is kind


@pytest.mark.parametrize("kind", FlowKind)
def test_flow_without_a_key_is_a_new_one_each_time(kind: FlowKind) -> None:
    one, other = HASHES.new_flow_id(kind, None), HASHES.new_flow_id(kind, None)

    assert one != other
    assert parse_flow_kind(one) is parse_flow_kind(other) is kind


def test_workflow_key_does_not_show_the_flow_id() -> None:
    flow_id = HASHES.new_flow_id(FlowKind.REGISTRATION, None)

    assert HASHES.workflow_key(flow_id) not in flow_id


@pytest.mark.defect(11)
def test_ticket_has_256_bits_and_is_stored_bound_to_its_app() -> None:
    ticket = HASHES.new_ticket(None)

    assert len(base64.urlsafe_b64decode(ticket + "=")) == 32
    assert HASHES.sso_ticket_hash("desk", ticket) != HASHES.sso_ticket_hash("phone", ticket)
    assert ticket not in HASHES.sso_ticket_hash("desk", ticket)


def test_repeated_request_makes_its_own_ticket_again() -> None:
    assert HASHES.new_ticket("request one") == HASHES.new_ticket("request one")
    assert HASHES.new_ticket("request one") != HASHES.new_ticket("request two")
    assert HASHES.new_ticket(None) != HASHES.new_ticket(None)


def test_revert_flow_id_is_derived_from_our_secret_alone() -> None:
    owners = ("email-change/a", "email-change/a", "email-change/b")
    first, again, other = (HASHES.derive_revert_flow_id(owner) for owner in owners)

    assert first == again != other
    assert parse_flow_kind(first) is FlowKind.EMAIL_REVERT
