"""The deadlines of a registration: when it expires, and what keeps it from expiring. All time is skipped."""

from datetime import timedelta

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import FlowExpired
from domain.flows import FlowState, refusal_of
from tests.workflows.clients.registration import Newcomer
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock, assert_at

JUST_BEFORE_THE_END = timedelta(minutes=9, seconds=55)


async def test_flow_expires_with_its_code_and_lets_the_name_go(newcomer: Newcomer, clock: Clock, fakes: Fakes) -> None:
    begun = await newcomer.asks()

    await clock.passes(timedelta(minutes=10, seconds=1))

    assert (await newcomer.end()).state is FlowState.EXPIRED
    assert await newcomer.listed_state() == "expired"
    assert fakes.registration.released_by() == {newcomer.workflow_id}
    assert_at(await newcomer.ended_at(), begun.view.expires_at)


async def test_step_on_an_expired_flow_is_told_so_by_its_end(newcomer: Newcomer, clock: Clock) -> None:
    await newcomer.asks()
    await clock.passes(timedelta(minutes=10, seconds=1))
    end = await newcomer.end()

    with pytest.raises(RPCError) as closed:
        await newcomer.types(newcomer.code())

    assert closed.value.status is RPCStatusCode.NOT_FOUND
    assert refusal_of(end.state) is FlowExpired


async def test_flow_expires_with_its_newest_code(newcomer: Newcomer, clock: Clock) -> None:
    await newcomer.asks()
    resent = await newcomer.waits_and_wants_another(timedelta(minutes=9))

    await clock.passes(timedelta(minutes=10, seconds=1))

    assert (await newcomer.end()).state is FlowState.EXPIRED
    assert_at(await newcomer.ended_at(), resent.view.expires_at)


async def test_no_resend_carries_a_flow_beyond_an_hour(newcomer: Newcomer, clock: Clock) -> None:
    newcomer.code_life = timedelta(minutes=30)
    begun = await newcomer.asks()
    await newcomer.waits_and_wants_another(timedelta(minutes=29))
    resent = await newcomer.waits_and_wants_another(timedelta(minutes=29))

    await clock.passes(timedelta(minutes=2, seconds=1))

    assert begun.view.expires_at
    assert resent.view.expires_at == begun.view.expires_at + timedelta(minutes=30)
    assert (await newcomer.end()).state is FlowState.EXPIRED


async def test_proved_code_stops_the_deadline(newcomer: Newcomer, clock: Clock, fakes: Fakes) -> None:
    await newcomer.asks()
    await clock.passes(JUST_BEFORE_THE_END)
    fakes.registration.create.fails(MONGO_AWAY, times=20)

    typing = await newcomer.begins_to_type(newcomer.code())
    await clock.passes(timedelta(minutes=1))
    meanwhile = await newcomer.looks()
    answer = await clock.until(typing.result())

    assert meanwhile.state is FlowState.WAITING
    assert answer.registered
    assert (await newcomer.end()).state is FlowState.COMPLETED


async def test_code_typed_in_time_is_judged_after_the_deadline(newcomer: Newcomer, clock: Clock, fakes: Fakes) -> None:
    await newcomer.asks()
    await clock.passes(JUST_BEFORE_THE_END)
    fakes.codes.check_code.fails(MONGO_AWAY, times=20)

    typing = await newcomer.begins_to_type(newcomer.code())
    await clock.passes(timedelta(minutes=1))
    answer = await clock.until(typing.result())

    assert answer.registered
    assert (await newcomer.end()).state is FlowState.COMPLETED


async def test_name_is_let_go_when_the_store_is_back(newcomer: Newcomer, clock: Clock, fakes: Fakes) -> None:
    await newcomer.asks()
    fakes.registration.release.fails(MONGO_AWAY, times=20)

    await clock.passes(timedelta(minutes=15))

    assert (await newcomer.end()).state is FlowState.EXPIRED
    assert len(fakes.registration.release.asked) == 21
    assert await newcomer.blocked_on() is None
