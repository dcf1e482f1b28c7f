"""Registrations that end otherwise: cancelled, or lost at the last step. And what is too late by then."""

import asyncio

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.accounts.errors import UsernameTaken
from domain.accounts.registration import AccountCreationOutcome
from domain.errors import FlowClosed
from domain.flows import FlowState, refusal_for_state
from tests.workflows.clients.registration import RegistrationClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.fakes.registration import account_of


async def test_cancelled_flow_lets_the_name_go(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()

    answer = await newcomer.cancels()

    assert answer.refusal is None
    assert answer.view.state is FlowState.CANCELLED
    assert (await newcomer.end()).state is FlowState.CANCELLED
    assert await newcomer.listed_state() == "cancelled"
    assert fakes.registration.released_by() == {newcomer.workflow_id}


async def test_cancel_of_a_flow_that_is_being_cancelled_is_no_error(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()
    fakes.registration.release.hang()
    await newcomer.cancels()
    await fakes.registration.release.wait_called(times=1)

    answer = await newcomer.cancels()
    fakes.registration.release.resume()

    assert answer.refusal is None
    assert answer.view.state is FlowState.CANCELLED


async def test_step_on_a_cancelled_flow_returns_its_end(newcomer: RegistrationClient) -> None:
    await newcomer.starts()
    await newcomer.cancels()
    end = await newcomer.end()

    with pytest.raises(RPCError) as closed:
        await newcomer.types(newcomer.code())

    assert closed.value.status is RPCStatusCode.NOT_FOUND
    assert refusal_for_state(end.state) is FlowClosed


async def test_cancel_after_the_proof_is_too_late(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()
    fakes.registration.create.fail(MONGO_AWAY, times=1)
    fakes.registration.create.hang()
    typing = await newcomer.begins_to_type(newcomer.code())
    await fakes.registration.create.wait_called(times=2)

    cancelling = await newcomer.begins_to_cancel()
    fakes.registration.create.resume()

    assert (await cancelling.result()).refusal == FlowClosed.__name__
    assert (await typing.result()).registered
    assert (await newcomer.end()).state is FlowState.COMPLETED


async def test_resend_after_the_proof_is_too_late(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()
    fakes.registration.create.fail(MONGO_AWAY, times=1)
    fakes.registration.create.hang()
    await newcomer.begins_to_type(newcomer.code())
    await fakes.registration.create.wait_called(times=2)

    resending = await newcomer.begins_to_request_resend()
    fakes.registration.create.resume()

    assert (await resending.result()).refusal == FlowClosed.__name__


async def test_cancel_after_the_proof_is_too_late_in_a_reset_too(newcomer: RegistrationClient, fakes: Fakes) -> None:
    """A reset replays both steps at once, in their order."""
    fakes.registration.hold.fail(MONGO_AWAY, times=1)
    fakes.registration.hold.hang()
    asking = asyncio.create_task(newcomer.starts())
    await newcomer.exists()
    await newcomer.begins_to_type(newcomer.code())
    await newcomer.begins_to_cancel()

    fakes.registration.hold.resume()

    await asking
    assert (await newcomer.end()).state is FlowState.COMPLETED


async def test_username_lost_at_the_end_fails_the_flow(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()
    fakes.registration.create.always_returns(lambda create: account_of(create, AccountCreationOutcome.USERNAME_TAKEN))

    answer = await newcomer.types(newcomer.code())

    assert answer.refusal == UsernameTaken.__name__
    assert answer.registered is None
    assert (await newcomer.end()).state is FlowState.FAILED
    assert fakes.registration.released_by() == {newcomer.workflow_id}
    assert fakes.graph_sync.projected.calls == []
