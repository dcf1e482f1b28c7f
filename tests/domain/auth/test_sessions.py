"""What a session, a token's generation and an access token are worth, case by case."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.auth.errors import SecondFactorRequired, SessionExpired, SessionReused, SessionRevoked, StepUpRequired
from domain.auth.sessions import (
    FIRST_GENERATION,
    Session,
    StepUpProofs,
    refusal_for_access,
    refusal_for_generation,
    refusal_for_proofs,
    refusal_for_session,
)
from domain.auth.two_factor import SecondFactorProof
from domain.errors import DecodeError, NotAuthenticated
from domain.users.users import User
from tests.support.builders import NOW, SESSION, USER

DAY = timedelta(days=1)
MOMENT = timedelta(milliseconds=1)
FIFTH = replace(SESSION, generation=5, confirmed_at=NOW)
"""In its fifth generation, which was first used now."""

Refusal = type[DecodeError] | None


def test_new_session_is_good_and_not_yet_seen_in_use() -> None:
    assert refusal_for_session(SESSION, NOW) is None
    assert (SESSION.generation, SESSION.confirmed_at) == (FIRST_GENERATION, None)


@pytest.mark.defect(61)
@pytest.mark.parametrize(
    ("idle", "refusal"), [(14 * DAY - MOMENT, None), (14 * DAY, SessionExpired), (20 * DAY, SessionExpired)]
)
def test_idle_session_lives_14_days(idle: timedelta, refusal: Refusal) -> None:
    assert refusal_for_session(SESSION, NOW + idle) is refusal


@pytest.mark.defect(61)
@pytest.mark.parametrize(("age", "refusal"), [(30 * DAY - MOMENT, None), (30 * DAY, SessionExpired)])
def test_busy_session_lives_30_days(age: timedelta, refusal: Refusal) -> None:
    busy = replace(SESSION, last_used_at=NOW + age)

    assert refusal_for_session(busy, NOW + age) is refusal


def test_revoked_is_said_before_expired() -> None:
    assert refusal_for_session(replace(SESSION, is_active=False), NOW + 99 * DAY) is SessionRevoked


@pytest.mark.parametrize(
    ("presented", "after", "refusal"),
    [
        (4, timedelta(), None),
        (4, timedelta(seconds=30), None),
        (4, timedelta(seconds=30) + MOMENT, SessionReused),
        (3, timedelta(), SessionReused),
        (0, timedelta(), SessionReused),
        (6, timedelta(), SessionExpired),
        (6, 20 * DAY, SessionExpired),
    ],
)
def test_generation_is_worth(presented: int, after: timedelta, refusal: Refusal) -> None:
    assert refusal_for_generation(FIFTH, presented, NOW + after) is refusal


@pytest.mark.parametrize("after", [timedelta(), timedelta(minutes=5), 13 * DAY])
def test_lost_response_is_returned_again_until_its_successor_was_used(after: timedelta) -> None:
    asleep = replace(FIFTH, confirmed_at=None)

    assert refusal_for_generation(asleep, 4, NOW + after) is None


def test_unconfirmed_successor_excuses_no_older_token() -> None:
    assert refusal_for_generation(replace(FIFTH, confirmed_at=None), 3, NOW) is SessionReused


@given(st.integers(min_value=6, max_value=10**9))
def test_generation_ahead_of_the_store_is_no_theft(presented: int) -> None:
    assert refusal_for_generation(FIFTH, presented, NOW) is SessionExpired


@pytest.mark.parametrize(("session", "user"), [(None, USER), (SESSION, None), (None, None)])
def test_access_token_of_nothing_is_refused(session: Session | None, user: User | None) -> None:
    assert refusal_for_access(session, user, NOW) is NotAuthenticated


@pytest.mark.parametrize(
    ("session", "user", "refusal"),
    [
        (SESSION, USER, None),
        (replace(SESSION, is_active=False), USER, SessionRevoked),
        (replace(SESSION, epoch=2), USER, SessionRevoked),
        (SESSION, replace(USER, session_epoch=4), SessionRevoked),
        (SESSION, replace(USER, is_active=False), SessionRevoked),
        (replace(SESSION, expires_at=NOW), USER, SessionExpired),
    ],
)
def test_access_token_is_worth_what_its_session_is(session: Session, user: User, refusal: Refusal) -> None:
    assert refusal_for_access(session, user, NOW) is refusal


OTP, RECOVERY_CODE, NO_CODE = SecondFactorProof(otp="123456"), SecondFactorProof(recovery_code="A"), SecondFactorProof()


@pytest.mark.parametrize(
    ("password", "code", "without_second_factor", "with_second_factor"),
    [
        (None, NO_CODE, StepUpRequired, StepUpRequired),
        ("a pass phrase", NO_CODE, None, SecondFactorRequired),
        (None, OTP, StepUpRequired, None),
        (None, RECOVERY_CODE, StepUpRequired, None),
        ("a pass phrase", OTP, None, None),
    ],
    ids=["nothing", "password", "otp", "recovery code", "password and otp"],
)
def test_proofs_suffice_if_they_have_what_the_account_has(
    password: str | None, code: SecondFactorProof, without_second_factor: Refusal, with_second_factor: Refusal
) -> None:
    proofs = StepUpProofs(password, code)

    assert refusal_for_proofs(proofs, has_second_factor=False) is without_second_factor
    assert refusal_for_proofs(proofs, has_second_factor=True) is with_second_factor
