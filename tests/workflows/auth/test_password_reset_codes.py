"""What counts as a try in a password reset, on each of its two legs; when it locks, and what a resend changes."""

import asyncio
from collections import Counter
from datetime import timedelta

from domain.auth.two_factor import SecondFactorProof
from domain.delivery.mail import MailKind
from domain.errors import AttemptsExhausted, FlowClosed, ResendTooSoon, WrongCode, WrongStep
from domain.flows import FlowState, NextStep
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.clients.password_reset import PasswordResetClient
from tests.workflows.fakes.all import OTP, Fakes
from tests.workflows.time_skipping import Clock

A_MINUTE = timedelta(seconds=61)
WRONG_OTP = SecondFactorProof(otp="000000")


async def test_wrong_code_costs_one_attempt(forgetful: PasswordResetClient) -> None:
    await forgetful.starts()

    answer = await forgetful.types(WRONG)

    assert answer.refusal == WrongCode.__name__
    assert (answer.view.state, answer.view.attempts_left) == (FlowState.WAITING, 4)


async def test_fifth_wrong_code_locks_the_flow(forgetful: PasswordResetClient) -> None:
    await forgetful.starts()

    answer = await forgetful.types_wrong(times=5)

    assert (answer.refusal, answer.view.attempts_left) == (WrongCode.__name__, 0)
    assert (await forgetful.end()).state is FlowState.LOCKED
    assert await forgetful.listed_state() == "locked"


async def test_right_code_on_the_last_attempt_is_right(forgetful: PasswordResetClient) -> None:
    await forgetful.starts()
    await forgetful.types_wrong(times=4)

    answer = await forgetful.types(forgetful.code())

    assert (answer.refusal, answer.view.next, answer.view.attempts_left) == (None, NextStep.NEW_PASSWORD, 5)


async def test_wrong_codes_beside_the_new_password_lock_the_flow(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.proves()

    answers = [await forgetful.chooses(code=WRONG) for _ in range(5)]

    assert [answer.view.attempts_left for answer in answers] == [4, 3, 2, 1, 0]
    assert (await forgetful.end()).state is FlowState.LOCKED
    assert fakes.password_reset.changed.calls == []


async def test_wrong_second_factor_costs_one_attempt(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    fakes.two_factor.is_on = True
    await forgetful.proves()

    answer = await forgetful.chooses(second=WRONG_OTP)

    assert (answer.refusal, answer.view.attempts_left) == (WrongCode.__name__, 4)
    assert fakes.two_factor.used.calls == []


async def test_all_that_is_wrong_on_the_second_leg_counts_together(
    forgetful: PasswordResetClient, fakes: Fakes
) -> None:
    fakes.two_factor.is_on = True
    await forgetful.proves()
    await forgetful.chooses(second=WRONG_OTP)
    await forgetful.chooses(code=WRONG)
    await forgetful.gets_context(WRONG)
    await forgetful.types(WRONG)

    answer = await forgetful.chooses(second=WRONG_OTP)

    assert answer.view.attempts_left == 0
    assert (await forgetful.end()).state is FlowState.LOCKED


async def test_second_factor_used_up_concurrently_counts_as_wrong(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    fakes.two_factor.is_on = True
    fakes.two_factor.used.returns_next(lambda _: False)
    await forgetful.proves()

    lost = await forgetful.chooses(second=OTP)
    next_one = await forgetful.chooses(second=OTP)

    assert (lost.refusal, lost.view.attempts_left) == (WrongCode.__name__, 4)
    assert next_one.refusal is None


async def test_two_hundred_guesses_at_once_count_as_five(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.starts()

    answers = await asyncio.gather(*(forgetful.types(WRONG) for _ in range(200)), return_exceptions=True)

    refusals = Counter(getattr(answer, "refusal", None) for answer in answers)
    assert refusals[WrongCode.__name__] == 5
    assert refusals[AttemptsExhausted.__name__] + refusals[None] == 195
    assert len(fakes.codes.check_code.calls) == 5


async def test_two_changes_at_once_are_one(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.proves()

    answers = await asyncio.gather(forgetful.chooses(), forgetful.chooses())

    assert {answer.refusal for answer in answers} == {None, FlowClosed.__name__}
    assert len(fakes.password_reset.changed.calls) == 1


async def test_resend_within_a_minute_is_refused(forgetful: PasswordResetClient, clock: Clock, fakes: Fakes) -> None:
    begun = await forgetful.starts()
    await clock.advance(timedelta(seconds=55))

    answer = await forgetful.requests_resend()

    assert (answer.refusal, answer.view) == (ResendTooSoon.__name__, begun.view)
    assert len(fakes.mail.recorded.calls) == 1


async def test_resend_after_a_minute_mails_the_next_code(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.starts()

    answer = await forgetful.waits_and_requests_resend(A_MINUTE)

    order = await fakes.mail.ordered(MailKind.FORGOT_PASSWORD_VERIFY, number=2)
    assert answer.refusal is None
    assert order.key == f"{forgetful.workflow_id.replace('/', '.')}.code-2"
    assert order.code
    assert (order.code.issue_no, order.give_up_at) == (2, answer.view.expires_at)


async def test_only_the_newest_code_is_right_in_both_steps(forgetful: PasswordResetClient) -> None:
    await forgetful.starts()
    await forgetful.waits_and_requests_resend(A_MINUTE)

    older = await forgetful.types(forgetful.code(issue_no=1))
    newest = await forgetful.types(forgetful.code(issue_no=2))
    changed_by_the_older = await forgetful.chooses(code=forgetful.code(issue_no=1))
    changed_by_the_newest = await forgetful.chooses(code=forgetful.code(issue_no=2))

    refusals = [each.refusal for each in (older, newest, changed_by_the_older, changed_by_the_newest)]
    assert refusals == [WrongCode.__name__, None, WrongCode.__name__, None]


async def test_resend_gives_no_attempt_back(forgetful: PasswordResetClient) -> None:
    await forgetful.starts()
    await forgetful.types_wrong(times=4)
    await forgetful.waits_and_requests_resend(A_MINUTE)

    answer = await forgetful.types(WRONG)

    assert answer.view.state is FlowState.LOCKED


async def test_sixth_resend_is_refused(forgetful: PasswordResetClient) -> None:
    await forgetful.starts()

    answers = [await forgetful.waits_and_requests_resend(A_MINUTE) for _ in range(6)]

    assert [answer.refusal for answer in answers] == [None] * 5 + [ResendTooSoon.__name__]
    assert answers[4].view.resend_available_at is None


async def test_resend_after_the_proof_is_out_of_turn(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    proved = await forgetful.proves()

    answer = await forgetful.waits_and_requests_resend(A_MINUTE)

    assert (answer.refusal, answer.view) == (WrongStep.__name__, proved.view)
    assert len(fakes.mail.recorded.calls) == 1
