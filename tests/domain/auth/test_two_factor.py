"""Time steps, one-time passwords and recovery codes as texts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.auth.two_factor import (
    RECOVERY_CODE_BYTES,
    SecondFactorProof,
    accepted_time_steps,
    format_recovery_code,
    normalize_recovery_code,
)

ZERO = bytes(RECOVERY_CODE_BYTES)


def test_step_before_and_step_after_count_too() -> None:
    assert accepted_time_steps(datetime.fromtimestamp(59, UTC)) == (1, 0, 2)
    assert accepted_time_steps(datetime.fromtimestamp(60, UTC)) == (2, 1, 3)


def test_recovery_code_is_written_in_four_groups() -> None:
    assert format_recovery_code(ZERO) == "AAAA-AAAA-AAAA-AAAA"


@given(st.binary(min_size=RECOVERY_CODE_BYTES, max_size=RECOVERY_CODE_BYTES))
def test_case_dashes_and_spaces_do_not_count(random: bytes) -> None:
    code = format_recovery_code(random)

    typed = code.lower().replace("-", " ")

    assert normalize_recovery_code(typed) == normalize_recovery_code(code)


@pytest.mark.parametrize(
    ("proof", "is_given"),
    [
        (SecondFactorProof(), False),
        (SecondFactorProof(otp="123456"), True),
        (SecondFactorProof(recovery_code="A"), True),
    ],
)
def test_one_of_the_two_is_a_proof(proof: SecondFactorProof, is_given: bool) -> None:
    assert proof.is_given is is_given
