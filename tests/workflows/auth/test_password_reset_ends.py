"""Other outcomes of password resets, their deadlines and outages: no change is made in part."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

from activities.auth.password_reset import ResetPassword
from domain.auth.errors import SecondFactorRequired
from domain.errors import FlowClosed, FlowExpired
from domain.flows import FlowState, refusal_for_state
from tests.workflows.clients.password_reset import EPOCH, PasswordResetClient
from tests.workflows.fakes.all import OTP, Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.time_skipping import Clock, assert_at

JUST_BEFORE_THE_END = timedelta(minutes=9, seconds=55)
TEN_MINUTES = timedelta(minutes=10, seconds=1)
AN_OUTAGE = 12
"""One local attempt, five without BlockedOn, six with BlockedOn."""
FIVE_QUIET_TRIES = timedelta(seconds=4)


async def test_unanswered_flow_expires_with_its_code(forgetful: PasswordResetClient, clock: Clock) -> None:
    begun = await forgetful.starts()

    await clock.advance(TEN_MINUTES)

    assert (await forgetful.end()).state is FlowState.EXPIRED
    assert await forgetful.listed_state() == "expired"
    assert_at(await forgetful.ended_at(), begun.view.expires_at)


async def test_step_on_an_expired_flow_returns_its_end(forgetful: PasswordResetClient, clock: Clock) -> None:
    await forgetful.starts()
    await clock.advance(TEN_MINUTES)
    end = await forgetful.end()

    with pytest.raises(RPCError) as closed:
        await forgetful.types(forgetful.code())

    assert closed.value.status is RPCStatusCode.NOT_FOUND
    assert refusal_for_state(end.state) is FlowExpired


async def test_new_password_may_take_a_life_of_its_own(forgetful: PasswordResetClient, clock: Clock) -> None:
    begun = await forgetful.starts()
    await clock.advance(timedelta(minutes=9))
    proved = await forgetful.types(forgetful.code())
    await clock.advance(timedelta(minutes=9))

    answer = await forgetful.chooses()

    assert begun.view.expires_at
    assert proved.view.expires_at
    assert proved.view.expires_at - begun.view.expires_at >= timedelta(minutes=9)
    assert answer.refusal is None


async def test_flow_that_waits_for_the_new_password_expires_by_its_own_deadline(
    forgetful: PasswordResetClient, clock: Clock, fakes: Fakes
) -> None:
    await forgetful.starts()
    await clock.advance(timedelta(minutes=5))
    proved = await forgetful.types(forgetful.code())

    await clock.advance(TEN_MINUTES)

    assert (await forgetful.end()).state is FlowState.EXPIRED
    assert_at(await forgetful.ended_at(), proved.view.expires_at)
    assert fakes.password_reset.changed.calls == []


async def test_flow_expires_with_its_newest_code(forgetful: PasswordResetClient, clock: Clock) -> None:
    await forgetful.starts()
    resent = await forgetful.waits_and_requests_resend(timedelta(minutes=9))

    await clock.advance(TEN_MINUTES)

    assert (await forgetful.end()).state is FlowState.EXPIRED
    assert_at(await forgetful.ended_at(), resent.view.expires_at)


async def test_change_stops_the_deadline(forgetful: PasswordResetClient, clock: Clock, fakes: Fakes) -> None:
    await forgetful.proves()
    await clock.advance(JUST_BEFORE_THE_END)
    fakes.password_reset.changed.fail(MONGO_AWAY, times=20)

    choosing = await forgetful.begins_to_choose()
    await clock.advance(timedelta(minutes=1))
    meanwhile = await forgetful.gets_status()
    answer = await clock.advance_until(choosing.result())

    assert meanwhile.state is FlowState.WAITING
    assert answer.refusal is None
    assert (await forgetful.end()).state is FlowState.COMPLETED


async def test_change_asked_for_in_time_is_judged_after_the_deadline(
    forgetful: PasswordResetClient, clock: Clock, fakes: Fakes
) -> None:
    await forgetful.proves()
    await clock.advance(JUST_BEFORE_THE_END)
    fakes.two_factor.judged.fail(MONGO_AWAY, times=20)

    choosing = await forgetful.begins_to_choose()
    await clock.advance(timedelta(minutes=1))
    answer = await clock.advance_until(choosing.result())

    assert answer.refusal is None


async def test_second_factor_lost_in_the_last_moment_starts_the_deadline_again(
    forgetful: PasswordResetClient, clock: Clock, fakes: Fakes
) -> None:
    fakes.two_factor.is_on = True
    fakes.two_factor.used.returns_next(lambda _: False)
    proved = await forgetful.proves()
    await forgetful.chooses(second=OTP)

    await clock.advance(TEN_MINUTES)

    assert (await forgetful.end()).state is FlowState.EXPIRED
    assert_at(await forgetful.ended_at(), proved.view.expires_at)


async def test_cancelled_flow_changes_nothing(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.proves()

    answer = await forgetful.cancels()

    assert (answer.refusal, answer.view.state) == (None, FlowState.CANCELLED)
    assert (await forgetful.end()).state is FlowState.CANCELLED
    assert await forgetful.listed_state() == "cancelled"
    assert fakes.password_reset.changed.calls == []


async def test_cancel_during_the_change_is_too_late(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.proves()
    fakes.password_reset.changed.fail(MONGO_AWAY, times=1)
    fakes.password_reset.changed.hang()
    choosing = await forgetful.begins_to_choose()
    await fakes.password_reset.changed.wait_called(times=2)

    cancelling = await forgetful.begins_to_cancel()
    fakes.password_reset.changed.resume()

    assert (await choosing.result()).refusal is None
    assert (await cancelling.result()).refusal == FlowClosed.__name__
    assert (await forgetful.end()).state is FlowState.COMPLETED


async def test_account_that_is_gone_by_then_fails_the_flow(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    fakes.password_reset.changed.always_returns(lambda _: None)
    await forgetful.proves()

    answer = await forgetful.chooses()

    assert answer.refusal == FlowClosed.__name__
    assert (await forgetful.end()).state is FlowState.FAILED
    assert fakes.notices.written.calls == []


async def test_second_factor_enabled_in_the_last_moment_is_asked_for(
    forgetful: PasswordResetClient, fakes: Fakes
) -> None:
    def enable_and_refuse(_: ResetPassword) -> None:
        fakes.two_factor.is_on = True

    fakes.password_reset.changed.returns_next(enable_and_refuse)
    await forgetful.proves()

    missing = await forgetful.chooses()
    answer = await forgetful.chooses(second=OTP)

    assert (missing.refusal, missing.view.state) == (SecondFactorRequired.__name__, FlowState.WAITING)
    assert answer.refusal is None
    assert [ask.has_second_factor for ask in fakes.password_reset.changed.calls] == [False, True]


async def test_change_is_bound_to_the_epoch_of_the_start(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.proves()

    await forgetful.chooses()

    assert [ask.epoch for ask in fakes.password_reset.changed.calls] == [EPOCH]


async def test_code_of_an_older_epoch_ends_the_flow(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.starts()
    fakes.codes.is_void = True

    answer = await forgetful.types(forgetful.code())

    assert answer.refusal == FlowClosed.__name__
    assert (await forgetful.end()).state is FlowState.FAILED


async def test_change_in_an_older_epoch_uses_up_no_second_factor(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    fakes.two_factor.is_on = True
    await forgetful.proves()
    fakes.codes.is_void = True

    answer = await forgetful.chooses(second=OTP)

    assert answer.refusal == FlowClosed.__name__
    assert fakes.two_factor.used.calls == []


async def test_outage_during_the_change_shows_and_passes(
    forgetful: PasswordResetClient, clock: Clock, fakes: Fakes
) -> None:
    await forgetful.proves()
    fakes.password_reset.changed.fail(MONGO_AWAY, times=AN_OUTAGE)
    choosing = await forgetful.begins_to_choose()

    await clock.advance(FIVE_QUIET_TRIES)
    during = await forgetful.blocked_on()
    answer = await clock.advance_until(choosing.result())

    assert during == "mongo"
    assert answer.refusal is None
    assert await forgetful.blocked_on() is None
    assert len(fakes.password_reset.changed.calls) == AN_OUTAGE + 1


async def test_refusal_for_good_during_the_change_ends_the_flow(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.proves()
    fakes.password_reset.changed.always_fail(MONGO_REFUSES)

    with pytest.raises(WorkflowUpdateFailedError):
        await forgetful.chooses()

    assert (await forgetful.end()).state is FlowState.FAILED
