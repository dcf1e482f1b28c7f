"""The codes of a registration: what counts as a try, when the flow locks, what a resend changes."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from temporalio.service import RPCError, RPCStatusCode

from activities.codes import CodeIssue
from domain.codes import CodePurpose
from domain.errors import AttemptsExhausted, ResendTooSoon, WrongCode
from domain.flows import FlowState, refusal_for_state
from tests.support.keys import CODES
from tests.support.polling import eventually
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.clients.registration import RegistrationClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock

A_MINUTE = timedelta(seconds=61)


async def test_wrong_code_costs_one_attempt(newcomer: RegistrationClient) -> None:
    await newcomer.starts()

    answer = await newcomer.types(WRONG)

    assert answer.refusal == WrongCode.__name__
    assert (answer.view.state, answer.view.attempts_left) == (FlowState.WAITING, 4)


async def test_right_code_on_the_last_attempt_makes_the_account(newcomer: RegistrationClient) -> None:
    await newcomer.starts()
    await newcomer.types_wrong(times=4)

    answer = await newcomer.types(newcomer.code())

    assert answer.registered


async def test_fifth_wrong_code_locks_the_flow(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()

    answer = await newcomer.types_wrong(times=5)

    assert answer.refusal == WrongCode.__name__
    assert (answer.view.state, answer.view.attempts_left) == (FlowState.LOCKED, 0)
    assert (await newcomer.end()).state is FlowState.LOCKED
    assert await newcomer.listed_state() == "locked"
    assert fakes.registration.released_by() == {newcomer.workflow_id}


async def test_step_on_a_locked_flow_returns_its_end(newcomer: RegistrationClient) -> None:
    await newcomer.starts()
    await newcomer.types_wrong(times=5)
    end = await newcomer.end()

    with pytest.raises(RPCError) as closed:
        await newcomer.types(newcomer.code())

    assert closed.value.status is RPCStatusCode.NOT_FOUND
    assert refusal_for_state(end.state) is AttemptsExhausted


async def test_two_hundred_guesses_at_once_count_as_five(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()

    answers = await asyncio.gather(*(newcomer.types(WRONG) for _ in range(200)), return_exceptions=True)

    refusals = Counter(getattr(answer, "refusal", None) for answer in answers)
    assert refusals[WrongCode.__name__] == 5
    assert refusals[AttemptsExhausted.__name__] + refusals[None] == 195
    assert (await newcomer.end()).state is FlowState.LOCKED
    assert fakes.registration.create.calls == []


async def test_right_code_wins_beside_four_wrong_ones(newcomer: RegistrationClient, fakes: Fakes) -> None:
    """A reset replays them all at once."""
    fakes.registration.hold.fail(MONGO_AWAY, times=1)
    fakes.registration.hold.hang()
    asking = asyncio.create_task(newcomer.starts())
    await newcomer.exists()
    for code in (*[WRONG] * 4, newcomer.code()):
        await newcomer.begins_to_type(code)

    fakes.registration.hold.resume()

    await asking
    assert (await newcomer.end()).state is FlowState.COMPLETED
    assert len(fakes.registration.create.calls) == 1


async def test_two_right_codes_at_once_make_one_account(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()

    answers = await asyncio.gather(newcomer.types(newcomer.code()), newcomer.types(newcomer.code()))

    assert [answer.registered is None for answer in answers].count(False) == 1
    assert len(fakes.registration.create.calls) == 1


async def test_resend_within_a_minute_is_refused(newcomer: RegistrationClient, clock: Clock, fakes: Fakes) -> None:
    begun = await newcomer.starts()
    await clock.advance(timedelta(seconds=55))

    answer = await newcomer.requests_resend()

    assert answer.refusal == ResendTooSoon.__name__
    assert answer.view == begun.view
    assert len(fakes.mail.recorded.calls) == 1


async def test_resend_after_a_minute_mails_the_next_code(
    newcomer: RegistrationClient, clock: Clock, fakes: Fakes
) -> None:
    await newcomer.starts()
    await clock.advance(A_MINUTE)

    answer = await newcomer.requests_resend()

    async def second_mail() -> bool:
        return len(fakes.mail.recorded.calls) == 2

    await eventually(second_mail)
    order = fakes.mail.recorded.calls[1]
    assert answer.refusal is None
    assert order.key == f"{newcomer.workflow_id.replace('/', '.')}.code-2"
    assert order.code == CodeIssue(newcomer.flow_id, CodePurpose.CREATE_ACCOUNT, CODES.current_key_id, 2)
    assert order.give_up_at == answer.view.expires_at


async def test_only_the_newest_code_is_right(newcomer: RegistrationClient, clock: Clock) -> None:
    await newcomer.starts()
    await clock.advance(A_MINUTE)
    await newcomer.requests_resend()

    older = await newcomer.types(newcomer.code(issue_no=1))
    newest = await newcomer.types(newcomer.code(issue_no=2))

    assert older.refusal == WrongCode.__name__
    assert newest.registered


async def test_resend_gives_no_attempt_back(newcomer: RegistrationClient, clock: Clock) -> None:
    await newcomer.starts()
    await newcomer.types_wrong(times=4)
    await clock.advance(A_MINUTE)
    await newcomer.requests_resend()

    answer = await newcomer.types(WRONG)

    assert answer.view.state is FlowState.LOCKED


async def test_sixth_resend_is_refused(newcomer: RegistrationClient, clock: Clock) -> None:
    await newcomer.starts()

    answers = [await newcomer.waits_and_requests_resend(A_MINUTE) for _ in range(6)]

    assert [answer.refusal for answer in answers] == [None] * 5 + [ResendTooSoon.__name__]
    assert answers[4].view.resend_available_at is None


async def test_life_begins_anew_with_each_code(newcomer: RegistrationClient, clock: Clock) -> None:
    begun = await newcomer.starts()
    await clock.advance(timedelta(minutes=9))
    resent = await newcomer.requests_resend()
    await clock.advance(timedelta(minutes=5))

    answer = await newcomer.types(newcomer.code(issue_no=2))

    assert begun.view.expires_at
    assert resent.view.expires_at
    assert resent.view.expires_at - begun.view.expires_at >= timedelta(minutes=9)
    assert answer.registered
