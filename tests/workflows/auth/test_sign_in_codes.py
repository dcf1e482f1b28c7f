"""What counts as a try in a sign-in, on each of its two legs; when it locks, and what a resend changes."""

import asyncio
from collections import Counter
from datetime import timedelta

from domain.delivery.mail import MailKind
from domain.errors import AttemptsExhausted, ResendTooSoon, WrongCode, WrongStep
from domain.flows import FlowState, NextStep
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.clients.sign_in import SignInClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.time_skipping import Clock

A_MINUTE = timedelta(seconds=61)


async def test_wrong_code_costs_one_attempt(returner: SignInClient) -> None:
    await returner.starts()

    answer = await returner.types(WRONG)

    assert answer.refusal == WrongCode.__name__
    assert (answer.view.state, answer.view.attempts_left) == (FlowState.WAITING, 4)


async def test_fifth_wrong_code_locks_the_flow(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()

    answer = await returner.types_wrong(times=5)

    assert (answer.refusal, answer.view.attempts_left) == (WrongCode.__name__, 0)
    assert (await returner.end()).state is FlowState.LOCKED
    assert await returner.listed_state() == "locked"
    assert fakes.sign_in.sessions == []


async def test_fifth_wrong_second_factor_locks_the_flow(careful: SignInClient, fakes: Fakes) -> None:
    careful.is_device_new = False
    await careful.starts()

    answer = await careful.shows_wrong(times=5)

    assert (answer.refusal, answer.view.attempts_left) == (WrongCode.__name__, 0)
    assert (await careful.end()).state is FlowState.LOCKED
    assert fakes.sign_in.sessions == []


async def test_attempts_are_counted_on_each_leg_by_itself(careful: SignInClient) -> None:
    await careful.starts()
    await careful.types_wrong(times=4)

    proved = await careful.types(careful.code())
    wrong = await careful.shows_wrong(times=4)
    right = await careful.shows()

    assert (proved.view.next, proved.view.attempts_left) == (NextStep.OTP, 5)
    assert wrong.view.attempts_left == 1
    assert right.session_id


async def test_two_hundred_guesses_at_once_count_as_five(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()

    answers = await asyncio.gather(*(returner.types(WRONG) for _ in range(200)), return_exceptions=True)

    refusals = Counter(getattr(answer, "refusal", None) for answer in answers)
    assert refusals[WrongCode.__name__] == 5
    assert refusals[AttemptsExhausted.__name__] + refusals[None] == 195
    assert len(fakes.codes.check_code.calls) == 5


async def test_two_right_codes_at_once_open_one_session(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()

    answers = await asyncio.gather(*(returner.types(returner.code()) for _ in range(2)), return_exceptions=True)

    assert [getattr(answer, "session_id", None) is None for answer in answers].count(False) == 1
    assert len({ask.owner for ask in fakes.sign_in.opened.calls}) == 1


async def test_resend_within_a_minute_is_refused(returner: SignInClient, clock: Clock, fakes: Fakes) -> None:
    begun = await returner.starts()
    await clock.advance(timedelta(seconds=55))

    answer = await returner.requests_resend()

    assert (answer.refusal, answer.view) == (ResendTooSoon.__name__, begun.view)
    assert len(fakes.mail.recorded.calls) == 1


async def test_resend_after_a_minute_mails_the_next_code(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()

    answer = await returner.waits_and_requests_resend(A_MINUTE)

    order = await fakes.mail.ordered(MailKind.FINGERPRINT_VERIFY, number=2)
    assert answer.refusal is None
    assert order.key == f"{returner.workflow_id.replace('/', '.')}.code-2"
    assert order.code
    assert (order.code.issue_no, order.give_up_at) == (2, answer.view.expires_at)


async def test_only_the_newest_code_is_right(returner: SignInClient) -> None:
    await returner.starts()
    await returner.waits_and_requests_resend(A_MINUTE)

    older = await returner.types(returner.code(issue_no=1))
    newest = await returner.types(returner.code(issue_no=2))

    assert older.refusal == WrongCode.__name__
    assert newest.session_id


async def test_resend_gives_no_attempt_back(returner: SignInClient) -> None:
    await returner.starts()
    await returner.types_wrong(times=4)
    await returner.waits_and_requests_resend(A_MINUTE)

    answer = await returner.types(WRONG)

    assert answer.view.state is FlowState.LOCKED


async def test_sixth_resend_is_refused(returner: SignInClient) -> None:
    await returner.starts()

    answers = [await returner.waits_and_requests_resend(A_MINUTE) for _ in range(6)]

    assert [answer.refusal for answer in answers] == [None] * 5 + [ResendTooSoon.__name__]
    assert answers[4].view.resend_available_at is None


async def test_second_factor_cannot_be_sent_again(careful: SignInClient) -> None:
    await careful.starts()
    await careful.types(careful.code())

    answer = await careful.waits_and_requests_resend(A_MINUTE)

    assert answer.refusal == WrongStep.__name__
