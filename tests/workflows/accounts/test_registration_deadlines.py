"""The deadlines of a registration: when it expires, and what prevents that. All time is skipped."""

from datetime import timedelta

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import FlowExpired
from domain.flows import FlowState, refusal_for_state
from tests.workflows.clients.registration import RegistrationClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock, assert_at

JUST_BEFORE_THE_END = timedelta(minutes=9, seconds=55)


async def test_flow_expires_with_its_code_and_lets_the_name_go(
    newcomer: RegistrationClient, clock: Clock, fakes: Fakes
) -> None:
    begun = await newcomer.starts()

    await clock.advance(timedelta(minutes=10, seconds=1))

    assert (await newcomer.end()).state is FlowState.EXPIRED
    assert await newcomer.listed_state() == "expired"
    assert fakes.registration.released_by() == {newcomer.workflow_id}
    assert_at(await newcomer.ended_at(), begun.view.expires_at)


async def test_step_on_an_expired_flow_returns_its_end(newcomer: RegistrationClient, clock: Clock) -> None:
    await newcomer.starts()
    await clock.advance(timedelta(minutes=10, seconds=1))
    end = await newcomer.end()

    with pytest.raises(RPCError) as closed:
        await newcomer.types(newcomer.code())

    assert closed.value.status is RPCStatusCode.NOT_FOUND
    assert refusal_for_state(end.state) is FlowExpired


async def test_flow_expires_with_its_newest_code(newcomer: RegistrationClient, clock: Clock) -> None:
    await newcomer.starts()
    resent = await newcomer.waits_and_requests_resend(timedelta(minutes=9))

    await clock.advance(timedelta(minutes=10, seconds=1))

    assert (await newcomer.end()).state is FlowState.EXPIRED
    assert_at(await newcomer.ended_at(), resent.view.expires_at)


async def test_no_resend_carries_a_flow_beyond_an_hour(newcomer: RegistrationClient, clock: Clock) -> None:
    newcomer.code_life = timedelta(minutes=30)
    begun = await newcomer.starts()
    await newcomer.waits_and_requests_resend(timedelta(minutes=29))
    resent = await newcomer.waits_and_requests_resend(timedelta(minutes=29))

    await clock.advance(timedelta(minutes=2, seconds=1))

    assert begun.view.expires_at
    assert resent.view.expires_at == begun.view.expires_at + timedelta(minutes=30)
    assert (await newcomer.end()).state is FlowState.EXPIRED


async def test_proved_code_stops_the_deadline(newcomer: RegistrationClient, clock: Clock, fakes: Fakes) -> None:
    await newcomer.starts()
    await clock.advance(JUST_BEFORE_THE_END)
    fakes.registration.create.fail(MONGO_AWAY, times=20)

    typing = await newcomer.begins_to_type(newcomer.code())
    await clock.advance(timedelta(minutes=1))
    meanwhile = await newcomer.gets_status()
    answer = await clock.advance_until(typing.result())

    assert meanwhile.state is FlowState.WAITING
    assert answer.registered
    assert (await newcomer.end()).state is FlowState.COMPLETED


async def test_code_typed_in_time_is_judged_after_the_deadline(
    newcomer: RegistrationClient, clock: Clock, fakes: Fakes
) -> None:
    await newcomer.starts()
    await clock.advance(JUST_BEFORE_THE_END)
    fakes.codes.check_code.fail(MONGO_AWAY, times=20)

    typing = await newcomer.begins_to_type(newcomer.code())
    await clock.advance(timedelta(minutes=1))
    answer = await clock.advance_until(typing.result())

    assert answer.registered
    assert (await newcomer.end()).state is FlowState.COMPLETED


async def test_name_is_let_go_when_the_store_is_back(newcomer: RegistrationClient, clock: Clock, fakes: Fakes) -> None:
    await newcomer.starts()
    fakes.registration.release.fail(MONGO_AWAY, times=20)

    await clock.advance(timedelta(minutes=15))

    assert (await newcomer.end()).state is FlowState.EXPIRED
    assert len(fakes.registration.release.calls) == 21
    assert await newcomer.blocked_on() is None
