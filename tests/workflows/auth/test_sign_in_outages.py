"""Sign-ins while a store is away, or refuses permanently. Nothing is lost, and an operator sees it."""

from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.flows import FlowState
from tests.workflows.clients.sign_in import SignInClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES, SMTP_AWAY
from tests.workflows.time_skipping import Clock

AN_OUTAGE = 12
"""One local attempt, five without BlockedOn, six with BlockedOn."""
FIVE_QUIET_TRIES = timedelta(seconds=4)


async def test_hiccup_is_not_seen(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()
    fakes.sign_in.opened.fail(MONGO_AWAY, times=1)

    answer = await returner.types(returner.code())

    assert answer.session_id
    assert await returner.was_ever_blocked() is False


async def test_outage_while_the_session_is_opened_shows_and_passes(
    returner: SignInClient, clock: Clock, fakes: Fakes
) -> None:
    await returner.starts()
    fakes.sign_in.opened.fail(MONGO_AWAY, times=AN_OUTAGE)
    typing = await returner.begins_to_type(returner.code())

    await clock.advance(FIVE_QUIET_TRIES)
    during = await returner.blocked_on()
    answer = await clock.advance_until(typing.result())

    assert during == "mongo"
    assert answer.session_id
    assert await returner.blocked_on() is None
    assert len(fakes.sign_in.opened.calls) == AN_OUTAGE + 1


async def test_outage_while_the_second_factor_is_judged_counts_one_try(
    careful: SignInClient, clock: Clock, fakes: Fakes
) -> None:
    careful.is_device_new = False
    await careful.starts()
    fakes.two_factor.used.fail(MONGO_AWAY, times=AN_OUTAGE)
    showing = await careful.begins_to_show()

    await clock.advance(FIVE_QUIET_TRIES)
    during = await careful.blocked_on(), (await careful.gets_status()).attempts_left
    answer = await clock.advance_until(showing.result())

    assert during == ("mongo", 4)
    assert answer.session_id
    assert {use.number for use in fakes.two_factor.used.calls} == {1}


async def test_abandoned_flow_is_noted_when_the_store_is_back(
    returner: SignInClient, clock: Clock, fakes: Fakes
) -> None:
    await returner.starts()
    fakes.sign_in.noted.fail(MONGO_AWAY, times=AN_OUTAGE)

    await clock.advance(timedelta(minutes=15))

    assert (await returner.end()).state is FlowState.EXPIRED
    assert len(fakes.sign_in.noted.calls) == AN_OUTAGE + 1
    assert await returner.blocked_on() is None


async def test_mail_server_that_is_away_does_not_block_the_flow(
    returner: SignInClient, clock: Clock, fakes: Fakes
) -> None:
    fakes.mail.sent.fail(SMTP_AWAY, times=AN_OUTAGE)
    await returner.starts()

    await clock.advance(timedelta(minutes=5))
    answer = await returner.types(returner.code())

    assert await returner.was_ever_blocked() is False
    assert answer.session_id


async def test_refusal_for_good_while_the_session_is_opened_ends_the_flow(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()
    fakes.sign_in.opened.always_fail(MONGO_REFUSES)

    with pytest.raises(WorkflowUpdateFailedError):
        await returner.types(returner.code())

    assert (await returner.end()).state is FlowState.FAILED
