"""Password resets for a name that nobody has: from outside they look like any other, and nobody gets a mail."""

from datetime import timedelta

import pytest
from temporalio.client import Client

from domain.errors import FlowExpired, WrongCode, WrongStep
from domain.flows import FlowState, FlowView, refusal_of
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.clients.password_reset import Forgetful
from tests.workflows.fakes.all import Fakes
from tests.workflows.indistinguishability import shape, steps
from tests.workflows.time_skipping import Clock, assert_at


@pytest.fixture
def stranger(client: Client, clock: Clock, fakes: Fakes) -> Forgetful:
    """Somebody who types a name that nobody has."""
    return Forgetful(client, clock, is_known=False)


async def test_mails_are_for_nobody(stranger: Forgetful, fakes: Fakes) -> None:
    await seen_until_locked(stranger)

    assert [order.recipient for order in fakes.mail.recorded.asked] == ["", ""]


async def test_no_code_is_ever_right(stranger: Forgetful) -> None:
    await stranger.asks()

    answer = await stranger.types(stranger.code())

    assert (answer.refusal, answer.view.attempts_left) == (WrongCode.__name__, 4)


async def test_change_is_out_of_turn(stranger: Forgetful, fakes: Fakes) -> None:
    await stranger.asks()

    answer = await stranger.chooses()

    assert answer.refusal == WrongStep.__name__
    assert fakes.two_factor.judged.asked == []


async def test_unknown_name_looks_like_any_other(stranger: Forgetful, forgetful: Forgetful) -> None:
    seen_by_stranger = [shape(view) for view in await seen_until_locked(stranger)]
    seen_by_owner = [shape(view) for view in await seen_until_locked(forgetful)]

    assert seen_by_stranger == seen_by_owner


async def test_unknown_name_takes_the_same_steps(stranger: Forgetful, forgetful: Forgetful) -> None:
    await seen_until_locked(stranger)
    await seen_until_locked(forgetful)

    assert await steps(stranger) == await steps(forgetful)


async def test_unknown_name_runs_the_same_checks(stranger: Forgetful, forgetful: Forgetful, fakes: Fakes) -> None:
    await seen_until_locked(stranger)
    checks_of_stranger = len(fakes.codes.check_code.asked)

    await seen_until_locked(forgetful)

    assert checks_of_stranger == 5
    assert [check.is_decoy for check in fakes.codes.check_code.asked] == [True] * 5 + [False] * 5


async def test_unknown_name_expires_like_any_other(stranger: Forgetful, clock: Clock) -> None:
    begun = await stranger.asks()

    await clock.passes(timedelta(minutes=10, seconds=1))

    end = await stranger.end()
    assert refusal_of(end.state) is FlowExpired
    assert_at(await stranger.ended_at(), begun.view.expires_at)


async def test_unknown_name_can_be_given_up_like_any_other(stranger: Forgetful) -> None:
    await stranger.asks()

    await stranger.cancels()

    assert (await stranger.end()).state is FlowState.CANCELLED


async def seen_until_locked(person: Forgetful) -> list[FlowView]:
    """All views of a flow with resends in time and too soon, until five wrong codes have locked it."""
    begun = await person.asks()
    first = await person.types(WRONG)
    resent = await person.waits_and_wants_another(timedelta(seconds=61))
    too_soon = await person.wants_another()
    early = await person.chooses()
    last = await person.types_wrong(times=4)
    return [begun.view, first.view, resent.view, too_soon.view, early.view, last.view, await person.end()]
