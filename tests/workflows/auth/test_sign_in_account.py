"""Sign-ins of accounts that have changed since the first proof: what they are when the session is opened counts."""

from datetime import timedelta

from activities.auth.sign_in import SessionOpened
from domain.auth.errors import InvalidCredentials
from domain.auth.sessions import OpeningOutcome
from domain.errors import FlowClosed, WrongCode
from domain.flows import FlowState, NextStep
from tests.workflows.clients.sign_in import WRONG_OTP, SignInClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.time_skipping import Clock

TEN_MINUTES = timedelta(minutes=10, seconds=1)


async def test_second_factor_enabled_meanwhile_is_asked_for_with_attempts_of_its_own(
    returner: SignInClient, fakes: Fakes
) -> None:
    await returner.starts()
    await returner.types_wrong(times=4)
    fakes.two_factor.is_on = True

    proved = await returner.types(returner.code())
    signed_in = await returner.shows()

    assert (proved.refusal, proved.session_id) == (None, None)
    assert (proved.view.next, proved.view.attempts_left) == (NextStep.OTP, 5)
    assert fakes.sign_in.sessions == [signed_in.session_id]
    assert fakes.sign_in.opened.calls[-1].has_second_factor is True


async def test_second_factor_asked_for_meanwhile_has_a_deadline(
    returner: SignInClient, clock: Clock, fakes: Fakes
) -> None:
    await returner.starts()
    fakes.two_factor.is_on = True
    await returner.types(returner.code())

    await clock.advance(TEN_MINUTES)

    assert (await returner.end()).state is FlowState.EXPIRED


async def test_second_factor_disabled_before_the_code_is_not_asked_for(careful: SignInClient, fakes: Fakes) -> None:
    await careful.starts()
    fakes.two_factor.is_on = False

    answer = await careful.types(careful.code())

    assert fakes.sign_in.sessions == [answer.session_id]
    assert fakes.sign_in.opened.calls[0].has_second_factor is False


async def test_second_factor_disabled_while_it_is_waited_for_is_not_judged(careful: SignInClient, fakes: Fakes) -> None:
    careful.is_device_new = False
    await careful.starts()
    fakes.two_factor.is_on = False

    answer = await careful.shows(WRONG_OTP, trusts_device=True)

    assert fakes.sign_in.sessions == [answer.session_id]
    (ask,) = fakes.sign_in.opened.calls
    assert (ask.has_second_factor, ask.trusts_device) == (False, False)


async def test_second_factor_enabled_again_in_the_last_moment_is_asked_for_again(
    careful: SignInClient, fakes: Fakes
) -> None:
    careful.is_device_new = False
    await careful.starts()
    fakes.two_factor.is_on = False
    fakes.sign_in.opened.returns_next(lambda _: SessionOpened(OpeningOutcome.SECOND_FACTOR_MISSING))

    unneeded = await careful.shows(WRONG_OTP)
    fakes.two_factor.is_on = True
    wrong = await careful.shows(WRONG_OTP)
    right = await careful.shows()

    assert (unneeded.refusal, unneeded.view.next) == (None, NextStep.OTP)
    assert wrong.refusal == WrongCode.__name__
    assert fakes.sign_in.sessions == [right.session_id]


async def test_unlinked_wallet_fails_the_flow(returner: SignInClient, fakes: Fakes) -> None:
    returner.wallet_address = "0x" + "a" * 40
    await returner.starts()
    fakes.sign_in.opened.always_returns(lambda _: SessionOpened(OpeningOutcome.WALLET_UNLINKED))

    answer = await returner.types(returner.code())

    assert fakes.sign_in.opened.calls[0].wallet_address == returner.wallet_address
    assert (answer.refusal, answer.session_id) == (InvalidCredentials.__name__, None)
    assert (await returner.end()).state is FlowState.FAILED


async def test_account_that_has_moved_on_is_not_asked_for_its_second_factor(
    careful: SignInClient, fakes: Fakes
) -> None:
    await careful.starts()
    fakes.sign_in.opened.always_returns(lambda _: SessionOpened(OpeningOutcome.GONE))

    answer = await careful.types(careful.code())

    assert answer.refusal == FlowClosed.__name__
    assert fakes.two_factor.used.calls == []
