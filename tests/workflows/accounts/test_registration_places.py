"""Registrations of one network: only so many may wait for their proof."""

from domain.errors import RateLimited
from domain.flows import FlowState
from tests.workflows.clients.registration import Newcomer
from tests.workflows.fakes.all import Fakes

NETWORK = "a-network"


async def test_place_is_taken_for_the_network_and_given_back_with_the_account(newcomer: Newcomer, fakes: Fakes) -> None:
    newcomer.address_key = NETWORK
    await newcomer.asks()

    await newcomer.types(newcomer.code())

    (place,) = fakes.registration.place.asked
    (create,) = fakes.registration.create.asked
    assert (place.address_key, place.owner) == (NETWORK, newcomer.workflow_id)
    assert create.address_key == NETWORK


async def test_full_network_is_refused_and_lets_the_name_go(newcomer: Newcomer, fakes: Fakes) -> None:
    newcomer.address_key = NETWORK
    fakes.registration.place.always_answers(lambda _: False)

    answer = await newcomer.asks()

    assert answer.refusal == RateLimited.__name__
    assert (await newcomer.end()).state is FlowState.FAILED
    assert fakes.registration.released_by() == {newcomer.workflow_id}
    assert fakes.mail.recorded.asked == []


async def test_cancelled_flow_gives_its_place_back(newcomer: Newcomer, fakes: Fakes) -> None:
    newcomer.address_key = NETWORK
    await newcomer.asks()

    await newcomer.cancels()

    await newcomer.end()
    assert {release.address_key for release in fakes.registration.release.asked} == {NETWORK}
