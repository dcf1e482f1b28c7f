"""Registrations while a store is away, or refuses for good. Nothing is lost, and an operator sees it."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError

from domain.errors import DependencyUnavailable
from domain.flows import FlowState
from tests.workflows.clients.registration import Newcomer
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.time_skipping import Clock

A_HICCUP = 1
AN_OUTAGE = 12
"""One try in place, five quiet ones, six while the flow says what it waits for."""
FIVE_QUIET_TRIES = timedelta(seconds=4)


async def test_hiccup_is_nobodys_business(newcomer: Newcomer, fakes: Fakes) -> None:
    await newcomer.asks()
    fakes.registration.create.fails(MONGO_AWAY, times=A_HICCUP)

    answer = await newcomer.types(newcomer.code())

    assert answer.registered
    assert len(fakes.registration.create.asked) == A_HICCUP + 1
    assert await newcomer.was_ever_blocked() is False


async def test_outage_while_the_name_is_held_shows_and_passes(newcomer: Newcomer, clock: Clock, fakes: Fakes) -> None:
    fakes.registration.hold.fails(MONGO_AWAY, times=AN_OUTAGE)
    asking = asyncio.create_task(newcomer.asks())
    await newcomer.exists()

    await clock.passes(FIVE_QUIET_TRIES)
    during = await newcomer.blocked_on()
    answer = await clock.until(asking)

    assert during == "mongo"
    assert answer.refusal is None
    assert await newcomer.blocked_on() is None
    assert len(fakes.registration.hold.asked) == AN_OUTAGE + 1


async def test_outage_while_the_account_is_made_shows_and_passes(
    newcomer: Newcomer, clock: Clock, fakes: Fakes
) -> None:
    await newcomer.asks()
    fakes.registration.create.fails(MONGO_AWAY, times=AN_OUTAGE)
    typing = await newcomer.begins_to_type(newcomer.code())

    await clock.passes(FIVE_QUIET_TRIES)
    during = await newcomer.blocked_on()
    answer = await clock.until(typing.result())

    assert during == "mongo"
    assert answer.registered
    assert await newcomer.blocked_on() is None
    assert len(fakes.registration.create.asked) == AN_OUTAGE + 1


async def test_name_that_cannot_be_held_within_an_hour_ends_the_flow(
    newcomer: Newcomer, clock: Clock, fakes: Fakes
) -> None:
    fakes.registration.hold.always_fails(MONGO_AWAY)
    asking = asyncio.create_task(newcomer.asks())
    await newcomer.exists()

    answer = await clock.until(asking, step=timedelta(minutes=10))

    assert answer.refusal == DependencyUnavailable.__name__
    assert answer.view.state is FlowState.FAILED
    assert fakes.mail.recorded.asked == []


async def test_refusal_for_good_while_the_name_is_held_ends_the_flow(newcomer: Newcomer, fakes: Fakes) -> None:
    fakes.registration.hold.always_fails(MONGO_REFUSES)

    answer = await newcomer.asks()

    assert answer.refusal == DependencyUnavailable.__name__
    assert (await newcomer.end()).state is FlowState.FAILED


async def test_refusal_for_good_while_the_account_is_made_ends_the_flow(newcomer: Newcomer, fakes: Fakes) -> None:
    await newcomer.asks()
    fakes.registration.create.always_fails(MONGO_REFUSES)

    with pytest.raises(WorkflowUpdateFailedError):
        await newcomer.types(newcomer.code())

    assert (await newcomer.end()).state is FlowState.FAILED
    assert fakes.registration.released_by() == {newcomer.workflow_id}


async def test_operator_can_end_a_flow_that_is_blocked(newcomer: Newcomer, clock: Clock, fakes: Fakes) -> None:
    fakes.registration.hold.always_fails(MONGO_AWAY)
    asking = asyncio.create_task(newcomer.asks())
    await newcomer.exists()
    await clock.passes(FIVE_QUIET_TRIES)

    await newcomer.flow.cancel()

    await asyncio.gather(asking, return_exceptions=True)
    await clock.passes(timedelta(minutes=1))
    assert (await newcomer.flow.describe()).status is not WorkflowExecutionStatus.RUNNING
