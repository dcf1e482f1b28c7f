"""The deadlines of a sign-in: each leg has a life of its own. All time is skipped."""

from datetime import timedelta

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import FlowExpired
from domain.flows import FlowState, refusal_for_state
from tests.workflows.clients.sign_in import SignInClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock, assert_at

JUST_BEFORE_THE_END = timedelta(minutes=9, seconds=55)
TEN_MINUTES = timedelta(minutes=10, seconds=1)


async def test_unanswered_flow_expires_with_its_code(returner: SignInClient, clock: Clock) -> None:
    begun = await returner.starts()

    await clock.advance(TEN_MINUTES)

    assert (await returner.end()).state is FlowState.EXPIRED
    assert await returner.listed_state() == "expired"
    assert_at(await returner.ended_at(), begun.view.expires_at)


async def test_flow_that_waits_for_a_second_factor_expires_too(careful: SignInClient, clock: Clock) -> None:
    careful.is_device_new = False
    begun = await careful.starts()

    await clock.advance(TEN_MINUTES)

    assert (await careful.end()).state is FlowState.EXPIRED
    assert_at(await careful.ended_at(), begun.view.expires_at)


async def test_step_on_an_expired_flow_returns_its_end(returner: SignInClient, clock: Clock) -> None:
    await returner.starts()
    await clock.advance(TEN_MINUTES)
    end = await returner.end()

    with pytest.raises(RPCError) as closed:
        await returner.types(returner.code())

    assert closed.value.status is RPCStatusCode.NOT_FOUND
    assert refusal_for_state(end.state) is FlowExpired


async def test_second_leg_gets_a_life_of_its_own(careful: SignInClient, clock: Clock) -> None:
    begun = await careful.starts()
    await clock.advance(timedelta(minutes=9))
    proved = await careful.types(careful.code())
    await clock.advance(timedelta(minutes=9))

    answer = await careful.shows()

    assert begun.view.expires_at
    assert proved.view.expires_at
    assert proved.view.expires_at - begun.view.expires_at >= timedelta(minutes=9)
    assert answer.session_id


async def test_second_leg_expires_by_its_own_deadline(careful: SignInClient, clock: Clock) -> None:
    await careful.starts()
    await clock.advance(timedelta(minutes=5))
    proved = await careful.types(careful.code())

    await clock.advance(TEN_MINUTES)

    assert (await careful.end()).state is FlowState.EXPIRED
    assert_at(await careful.ended_at(), proved.view.expires_at)


async def test_flow_expires_with_its_newest_code(returner: SignInClient, clock: Clock) -> None:
    await returner.starts()
    resent = await returner.waits_and_requests_resend(timedelta(minutes=9))

    await clock.advance(TEN_MINUTES)

    assert (await returner.end()).state is FlowState.EXPIRED
    assert_at(await returner.ended_at(), resent.view.expires_at)


async def test_proved_code_stops_the_deadline(returner: SignInClient, clock: Clock, fakes: Fakes) -> None:
    await returner.starts()
    await clock.advance(JUST_BEFORE_THE_END)
    fakes.sign_in.opened.fail(MONGO_AWAY, times=20)

    typing = await returner.begins_to_type(returner.code())
    await clock.advance(timedelta(minutes=1))
    meanwhile = await returner.gets_status()
    answer = await clock.advance_until(typing.result())

    assert meanwhile.state is FlowState.WAITING
    assert answer.session_id
    assert (await returner.end()).state is FlowState.COMPLETED


async def test_second_factor_shown_in_time_is_judged_after_the_deadline(
    careful: SignInClient, clock: Clock, fakes: Fakes
) -> None:
    careful.is_device_new = False
    await careful.starts()
    await clock.advance(JUST_BEFORE_THE_END)
    fakes.two_factor.used.fail(MONGO_AWAY, times=20)

    showing = await careful.begins_to_show()
    await clock.advance(timedelta(minutes=1))
    answer = await clock.advance_until(showing.result())

    assert answer.session_id
