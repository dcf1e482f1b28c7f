"""A code is derived, never stored: the same for one issue, another for anything else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.crypto.keys import KeyRing, UnknownKey
from adapters.crypto.one_time_codes import OneTimeCodes
from domain.codes import CODE_ALPHABET, CodePurpose
from tests.adapters.crypto.rings import OLD, ROTATED, ROTATED_AWAY

FLOW = "r" + "A" * 32
PURPOSE = CodePurpose.CREATE_ACCOUNT
HASHES = KeyedHashes(OLD)


def codes(ring: KeyRing) -> OneTimeCodes:
    return OneTimeCodes(ring, KeyedHashes(ring))


def code(ring: KeyRing = OLD, *, flow_id: str = FLOW, issue_no: int = 1, key_id: str = "old") -> str:
    return codes(ring).code(flow_id=flow_id, purpose=PURPOSE, issue_no=issue_no, key_id=key_id)


def is_right(proof: str, *, flow_id: str = FLOW, issue_no: int = 1, key_id: str = "old") -> bool:
    return codes(ROTATED).is_right(proof, flow_id=flow_id, purpose=PURPOSE, issue_no=issue_no, key_id=key_id)


def test_same_issue_has_the_same_code() -> None:
    assert code() == code()


def test_code_is_the_one_already_mailed() -> None:
    """Derived another way, it would void every code on its way."""
    assert code() == "JY3NWQ"


@given(st.text("Az09_-", min_size=32, max_size=32), st.integers(min_value=1, max_value=6))
def test_code_is_six_symbols_of_the_alphabet(bits: str, issue_no: int) -> None:
    derived = code(flow_id="r" + bits, issue_no=issue_no)

    assert len(derived) == 6
    assert set(derived) <= set(CODE_ALPHABET)


def test_other_flow_issue_or_key_has_another_code() -> None:
    others = [code(flow_id="r" + "B" * 32), code(issue_no=2), code(ROTATED, key_id="new")]

    assert len({code(), *others}) == 4


def test_each_purpose_has_another_code() -> None:
    derived = {codes(OLD).code(flow_id=FLOW, purpose=purpose, issue_no=1, key_id="old") for purpose in CodePurpose}

    assert len(derived) == len(CodePurpose)


def test_code_on_its_way_survives_a_rotation() -> None:
    assert code(ROTATED) == code(OLD)


def test_new_flows_take_the_new_key() -> None:
    assert codes(ROTATED).current_key_id == "new"


def test_key_that_is_not_here_yet_is_unknown() -> None:
    with pytest.raises(UnknownKey):
        code(ROTATED_AWAY)


def test_proof_of_the_code_is_right_also_after_a_rotation() -> None:
    assert is_right(HASHES.code_proof(FLOW, code()))


@given(st.text(CODE_ALPHABET, min_size=6, max_size=6).filter(lambda guess: guess != code()))
def test_proof_of_any_other_code_is_wrong(guess: str) -> None:
    assert not is_right(HASHES.code_proof(FLOW, guess))


@pytest.mark.defect(9)
def test_proof_is_bound_to_flow_issue_and_key() -> None:
    proof = HASHES.code_proof(FLOW, code())

    assert not is_right(proof, issue_no=2)
    assert not is_right(proof, key_id="new")
    assert not is_right(proof, flow_id="r" + "B" * 32)
    assert not is_right(HASHES.code_proof("r" + "B" * 32, code()))


@pytest.mark.parametrize("garbage", ["", "x", "=" * 43])
def test_garbage_proves_nothing(garbage: str) -> None:
    assert not is_right(garbage)


def test_code_itself_is_no_proof() -> None:
    assert not is_right(code())
