"""Password resets for an unknown name: from outside they look like any other, and no mail is sent."""

from datetime import timedelta

import pytest
from temporalio.client import Client

from domain.errors import FlowExpired, WrongCode, WrongStep
from domain.flows import FlowState, FlowView, refusal_for_state
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.clients.password_reset import PasswordResetClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.indistinguishability import shape, steps
from tests.workflows.time_skipping import Clock, assert_at


@pytest.fixture
def stranger(client: Client, clock: Clock, fakes: Fakes) -> PasswordResetClient:
    """A client that names an unknown user."""
    return PasswordResetClient(client, clock, is_known=False)


async def test_mails_have_no_recipient(stranger: PasswordResetClient, fakes: Fakes) -> None:
    await seen_until_locked(stranger)

    assert [order.recipient for order in fakes.mail.recorded.calls] == ["", ""]


async def test_no_code_is_ever_right(stranger: PasswordResetClient) -> None:
    await stranger.starts()

    answer = await stranger.types(stranger.code())

    assert (answer.refusal, answer.view.attempts_left) == (WrongCode.__name__, 4)


async def test_change_is_out_of_turn(stranger: PasswordResetClient, fakes: Fakes) -> None:
    await stranger.starts()

    answer = await stranger.chooses()

    assert answer.refusal == WrongStep.__name__
    assert fakes.two_factor.judged.calls == []


async def test_unknown_name_looks_like_any_other(stranger: PasswordResetClient, forgetful: PasswordResetClient) -> None:
    seen_by_stranger = [shape(view) for view in await seen_until_locked(stranger)]
    seen_by_owner = [shape(view) for view in await seen_until_locked(forgetful)]

    assert seen_by_stranger == seen_by_owner


async def test_unknown_name_takes_the_same_steps(stranger: PasswordResetClient, forgetful: PasswordResetClient) -> None:
    await seen_until_locked(stranger)
    await seen_until_locked(forgetful)

    assert await steps(stranger) == await steps(forgetful)


async def test_unknown_name_runs_the_same_checks(
    stranger: PasswordResetClient, forgetful: PasswordResetClient, fakes: Fakes
) -> None:
    await seen_until_locked(stranger)
    checks_of_stranger = len(fakes.codes.check_code.calls)

    await seen_until_locked(forgetful)

    assert checks_of_stranger == 5
    assert [check.is_decoy for check in fakes.codes.check_code.calls] == [True] * 5 + [False] * 5


async def test_unknown_name_expires_like_any_other(stranger: PasswordResetClient, clock: Clock) -> None:
    begun = await stranger.starts()

    await clock.advance(timedelta(minutes=10, seconds=1))

    end = await stranger.end()
    assert refusal_for_state(end.state) is FlowExpired
    assert_at(await stranger.ended_at(), begun.view.expires_at)


async def test_unknown_name_can_be_given_up_like_any_other(stranger: PasswordResetClient) -> None:
    await stranger.starts()

    await stranger.cancels()

    assert (await stranger.end()).state is FlowState.CANCELLED


async def seen_until_locked(person: PasswordResetClient) -> list[FlowView]:
    """All views of a flow with resends in time and too soon, until five wrong codes have locked it."""
    begun = await person.starts()
    first = await person.types(WRONG)
    resent = await person.waits_and_requests_resend(timedelta(seconds=61))
    too_soon = await person.requests_resend()
    early = await person.chooses()
    last = await person.types_wrong(times=4)
    return [begun.view, first.view, resent.view, too_soon.view, early.view, last.view, await person.end()]
