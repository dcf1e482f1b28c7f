"""A code is six unambiguous symbols; a code challenge counts attempts and resends and has a deadline."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.codes import (
    CODE_ALPHABET,
    CODE_LENGTH,
    MAX_FLOW_DURATION,
    MAX_RESENDS,
    CodeChallenge,
    code_from_number,
    normalize_code,
)
from domain.errors import AttemptsExhausted, FlowExpired, ResendTooSoon
from tests.support.builders import NOW

LIFE = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(milliseconds=1)


def leg() -> CodeChallenge:
    return CodeChallenge(NOW, LIFE)


def test_alphabet_is_31_unambiguous_symbols() -> None:
    assert set(CODE_ALPHABET) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") - set("0O1IL")
    assert len(CODE_ALPHABET) == 31


@pytest.mark.parametrize(
    ("number", "code"),
    [(0, "AAAAAA"), (1, "AAAAAB"), (30, "AAAAA9"), (31, "AAAABA"), (31**6 - 1, "999999"), (31**6, "AAAAAA")],
)
def test_number_is_written_in_base_31(number: int, code: str) -> None:
    assert code_from_number(number) == code


@given(st.integers(min_value=0, max_value=2**256 - 1))
def test_any_digest_gives_six_symbols_of_the_alphabet(number: int) -> None:
    code = code_from_number(number)

    assert len(code) == CODE_LENGTH == 6
    assert set(code) <= set(CODE_ALPHABET)


@given(st.integers(min_value=0, max_value=2**256 - 1))
def test_code_reads_back_as_the_number_mod_31_to_the_6(number: int) -> None:
    digits = [CODE_ALPHABET.index(symbol) for symbol in code_from_number(number)]

    assert sum(digit * 31**place for place, digit in enumerate(reversed(digits))) == number % 31**6


@given(st.integers(min_value=0))
def test_letter_case_does_not_count(number: int) -> None:
    code = code_from_number(number)

    assert normalize_code(code.lower()) == normalize_code(code) == code


def test_symbol_outside_the_alphabet_stays() -> None:
    assert normalize_code("o0+il1") == "O0+IL1"


def test_fifth_attempt_counts_and_the_sixth_is_refused() -> None:
    tried = leg()

    refusals = [tried.count_attempt(NOW) for _ in range(6)]

    assert refusals == [None] * 5 + [AttemptsExhausted]
    assert (tried.attempts, tried.attempts_left) == (5, 0)


def test_attempt_is_counted_before_anything_is_checked() -> None:
    tried = leg()

    tried.count_attempt(NOW)

    assert tried.attempts_left == 4


def test_attempts_outlive_a_resend() -> None:
    tried = replace(leg(), attempts=3)

    tried.count_resend(NOW + MINUTE)

    assert (tried.issue_no, tried.attempts_left) == (2, 2)


def test_life_starts_anew_with_each_issue() -> None:
    resent = leg()

    resent.count_resend(NOW + 9 * MINUTE)

    assert resent.expires_at == NOW + 19 * MINUTE


def test_no_issue_outlives_an_hour() -> None:
    assert replace(leg(), issued_at=NOW + 55 * MINUTE).expires_at == NOW + timedelta(hours=1)
    assert CodeChallenge(NOW, timedelta(hours=2)).expires_at == NOW + MAX_FLOW_DURATION


@pytest.mark.parametrize(("late", "refusal"), [(timedelta(), None), (MOMENT, FlowExpired)])
def test_deadline_is_judged_by_when_was_asked(late: timedelta, refusal: type[FlowExpired] | None) -> None:
    assert leg().count_attempt(NOW + LIFE + late) is refusal


def test_late_attempt_is_not_counted() -> None:
    late = leg()

    late.count_attempt(NOW + LIFE + MOMENT)

    assert late.attempts == 0


@pytest.mark.parametrize(
    ("after", "refusal"),
    [
        (MINUTE - MOMENT, ResendTooSoon),
        (MINUTE, None),
        (LIFE, None),
        (LIFE + MOMENT, FlowExpired),
    ],
)
def test_resend_waits_a_minute(after: timedelta, refusal: type[ResendTooSoon | FlowExpired] | None) -> None:
    assert leg().count_resend(NOW + after) is refusal


def test_sixth_resend_is_refused() -> None:
    resent = leg()

    refusals = [resent.count_resend(NOW + number * MINUTE) for number in range(1, 7)]

    assert refusals == [None] * MAX_RESENDS + [ResendTooSoon]
    assert resent.issue_no == 6


def test_after_the_last_resend_none_is_announced() -> None:
    assert leg().resend_available_at == NOW + MINUTE
    assert replace(leg(), issue_no=1 + MAX_RESENDS).resend_available_at is None


def test_no_resend_is_announced_beyond_the_deadline() -> None:
    late = replace(leg(), issued_at=NOW + MAX_FLOW_DURATION - MINUTE)

    assert late.resend_available_at is None


class AnyLeg(RuleBasedStateMachine):
    """Guesses and resends at any moment: beside the leg stand the steps that were granted."""

    @initialize(minutes=st.integers(min_value=2, max_value=90))
    def begin(self, minutes: int) -> None:
        self.now = NOW
        self.life = timedelta(minutes=minutes)
        self.leg = CodeChallenge(NOW, self.life)
        self.issues = [NOW]
        self.tries = 0

    def deadline_has_passed(self) -> bool:
        return self.now > min(self.issues[-1] + self.life, NOW + timedelta(hours=1))

    def resend_is_due(self) -> bool:
        due = self.issues[-1] + timedelta(seconds=60)
        return len(self.issues) <= 5 and due <= self.now and due < NOW + timedelta(hours=1)

    @rule(seconds=st.one_of(st.sampled_from([1, 59, 60, 61, 600]), st.integers(min_value=0, max_value=1800)))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: not self.deadline_has_passed() and self.tries < 5)
    @rule()
    def attempt_in_time_counts(self) -> None:
        assert self.leg.count_attempt(self.now) is None
        self.tries += 1

    @precondition(lambda self: not self.deadline_has_passed() and self.tries == 5)
    @rule()
    def attempt_without_any_left_is_refused(self) -> None:
        assert self.leg.count_attempt(self.now) is AttemptsExhausted

    @precondition(lambda self: not self.deadline_has_passed() and self.resend_is_due())
    @rule()
    def resend_that_is_due_is_granted(self) -> None:
        assert self.leg.count_resend(self.now) is None
        self.issues.append(self.now)

    @precondition(lambda self: not self.deadline_has_passed() and not self.resend_is_due())
    @rule()
    def resend_that_is_not_due_is_refused(self) -> None:
        assert self.leg.count_resend(self.now) is ResendTooSoon

    @precondition(lambda self: self.deadline_has_passed())
    @rule()
    def late_step_is_refused(self) -> None:
        assert self.leg.count_attempt(self.now) is FlowExpired
        assert self.leg.count_resend(self.now) is FlowExpired

    @invariant()
    def only_granted_steps_are_counted(self) -> None:
        assert self.leg.attempts == self.tries <= 5
        assert self.leg.issue_no == len(self.issues) <= 6

    @invariant()
    def deadline_is_that_of_the_newest_issue_within_the_hour(self) -> None:
        assert self.leg.expires_at == min(self.issues[-1] + self.life, NOW + timedelta(hours=1))


TestAnyLeg = AnyLeg.TestCase
TestAnyLeg.settings = settings(max_examples=60, stateful_step_count=30)
