"""Registrations while a store is away, or refuses permanently. Nothing is lost, and an operator sees it."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError

from domain.errors import DependencyUnavailable
from domain.flows import FlowState
from tests.workflows.clients.registration import RegistrationClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.time_skipping import Clock

A_HICCUP = 1
AN_OUTAGE = 12
"""One local attempt, five without BlockedOn, six with BlockedOn."""
FIVE_QUIET_TRIES = timedelta(seconds=4)


async def test_hiccup_is_not_seen(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()
    fakes.registration.create.fail(MONGO_AWAY, times=A_HICCUP)

    answer = await newcomer.types(newcomer.code())

    assert answer.registered
    assert len(fakes.registration.create.calls) == A_HICCUP + 1
    assert await newcomer.was_ever_blocked() is False


async def test_outage_while_the_name_is_held_shows_and_passes(
    newcomer: RegistrationClient, clock: Clock, fakes: Fakes
) -> None:
    fakes.registration.hold.fail(MONGO_AWAY, times=AN_OUTAGE)
    asking = asyncio.create_task(newcomer.starts())
    await newcomer.exists()

    await clock.advance(FIVE_QUIET_TRIES)
    during = await newcomer.blocked_on()
    answer = await clock.advance_until(asking)

    assert during == "mongo"
    assert answer.refusal is None
    assert await newcomer.blocked_on() is None
    assert len(fakes.registration.hold.calls) == AN_OUTAGE + 1


async def test_outage_while_the_account_is_made_shows_and_passes(
    newcomer: RegistrationClient, clock: Clock, fakes: Fakes
) -> None:
    await newcomer.starts()
    fakes.registration.create.fail(MONGO_AWAY, times=AN_OUTAGE)
    typing = await newcomer.begins_to_type(newcomer.code())

    await clock.advance(FIVE_QUIET_TRIES)
    during = await newcomer.blocked_on()
    answer = await clock.advance_until(typing.result())

    assert during == "mongo"
    assert answer.registered
    assert await newcomer.blocked_on() is None
    assert len(fakes.registration.create.calls) == AN_OUTAGE + 1


async def test_name_that_cannot_be_held_within_an_hour_ends_the_flow(
    newcomer: RegistrationClient, clock: Clock, fakes: Fakes
) -> None:
    fakes.registration.hold.always_fail(MONGO_AWAY)
    asking = asyncio.create_task(newcomer.starts())
    await newcomer.exists()

    answer = await clock.advance_until(asking, step=timedelta(minutes=10))

    assert answer.refusal == DependencyUnavailable.__name__
    assert answer.view.state is FlowState.FAILED
    assert fakes.mail.recorded.calls == []


async def test_refusal_for_good_while_the_name_is_held_ends_the_flow(
    newcomer: RegistrationClient, fakes: Fakes
) -> None:
    fakes.registration.hold.always_fail(MONGO_REFUSES)

    answer = await newcomer.starts()

    assert answer.refusal == DependencyUnavailable.__name__
    assert (await newcomer.end()).state is FlowState.FAILED


async def test_refusal_for_good_while_the_account_is_made_ends_the_flow(
    newcomer: RegistrationClient, fakes: Fakes
) -> None:
    await newcomer.starts()
    fakes.registration.create.always_fail(MONGO_REFUSES)

    with pytest.raises(WorkflowUpdateFailedError):
        await newcomer.types(newcomer.code())

    assert (await newcomer.end()).state is FlowState.FAILED
    assert fakes.registration.released_by() == {newcomer.workflow_id}


async def test_operator_can_end_a_flow_that_is_blocked(
    newcomer: RegistrationClient, clock: Clock, fakes: Fakes
) -> None:
    fakes.registration.hold.always_fail(MONGO_AWAY)
    asking = asyncio.create_task(newcomer.starts())
    await newcomer.exists()
    await clock.advance(FIVE_QUIET_TRIES)

    await newcomer.flow.cancel()

    await asyncio.gather(asking, return_exceptions=True)
    await clock.advance(timedelta(minutes=1))
    assert (await newcomer.flow.describe()).status is not WorkflowExecutionStatus.RUNNING
