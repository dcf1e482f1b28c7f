"""Registrations of one network: only so many may wait for their proof."""

from domain.errors import RateLimited
from domain.flows import FlowState
from tests.workflows.clients.registration import RegistrationClient
from tests.workflows.fakes.all import Fakes

NETWORK = "a-network"


async def test_place_is_taken_for_the_network_and_given_back_with_the_account(
    newcomer: RegistrationClient, fakes: Fakes
) -> None:
    newcomer.address_key = NETWORK
    await newcomer.starts()

    await newcomer.types(newcomer.code())

    (place,) = fakes.registration.slot.calls
    (create,) = fakes.registration.create.calls
    assert (place.address_key, place.owner) == (NETWORK, newcomer.workflow_id)
    assert create.address_key == NETWORK


async def test_full_network_is_refused_and_lets_the_name_go(newcomer: RegistrationClient, fakes: Fakes) -> None:
    newcomer.address_key = NETWORK
    fakes.registration.slot.always_returns(lambda _: False)

    answer = await newcomer.starts()

    assert answer.refusal == RateLimited.__name__
    assert (await newcomer.end()).state is FlowState.FAILED
    assert fakes.registration.released_by() == {newcomer.workflow_id}
    assert fakes.mail.recorded.calls == []


async def test_cancelled_flow_gives_its_place_back(newcomer: RegistrationClient, fakes: Fakes) -> None:
    newcomer.address_key = NETWORK
    await newcomer.starts()

    await newcomer.cancels()

    await newcomer.end()
    assert {release.address_key for release in fakes.registration.release.calls} == {NETWORK}
