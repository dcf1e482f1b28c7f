"""Sign-ins that end otherwise: cancelled, abandoned, refused at the last step. And what is too late by then."""

import asyncio
from datetime import timedelta

from activities.auth.sign_in import SessionOpened
from activities.delivery.mail import MailInput
from domain.auth.sessions import OpeningOutcome
from domain.delivery.mail import MailKind
from domain.errors import FlowClosed
from domain.flows import FlowState
from tests.workflows.clients.sign_in import USER_ID, SignInClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock

TEN_MINUTES = timedelta(minutes=10, seconds=1)
WARNING = MailInput("sign-in-warning.ann.20260102", MailKind.SIGN_IN_WARNING, "ann@people.test")


async def test_cancelled_flow_opens_no_session_and_is_no_abandoned_one(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()

    answer = await returner.cancels()

    assert (answer.refusal, answer.view.state) == (None, FlowState.CANCELLED)
    assert (await returner.end()).state is FlowState.CANCELLED
    assert await returner.listed_state() == "cancelled"
    assert fakes.sign_in.sessions == []
    assert fakes.sign_in.noted.calls == []


async def test_cancel_between_the_legs_ends_the_flow(careful: SignInClient, fakes: Fakes) -> None:
    await careful.starts()
    await careful.types(careful.code())

    await careful.cancels()

    assert (await careful.end()).state is FlowState.CANCELLED
    assert fakes.sign_in.sessions == []


async def test_cancel_after_the_proof_is_too_late(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()
    fakes.sign_in.opened.fail(MONGO_AWAY, times=1)
    fakes.sign_in.opened.hang()
    typing = await returner.begins_to_type(returner.code())
    await fakes.sign_in.opened.wait_called(times=2)

    cancelling = await returner.begins_to_cancel()
    fakes.sign_in.opened.resume()

    assert (await typing.result()).session_id
    assert (await cancelling.result()).refusal == FlowClosed.__name__
    assert (await returner.end()).state is FlowState.COMPLETED


async def test_account_that_has_moved_on_since_the_login_gets_no_session(returner: SignInClient, fakes: Fakes) -> None:
    """Password changed, all sessions revoked, account deactivated: the store refuses the epoch."""
    await returner.starts()
    fakes.sign_in.opened.always_returns(lambda _: SessionOpened(OpeningOutcome.GONE))

    answer = await returner.types(returner.code())

    assert (answer.refusal, answer.session_id) == (FlowClosed.__name__, None)
    assert (await returner.end()).state is FlowState.FAILED
    assert await returner.listed_state() == "failed"


async def test_expired_flow_of_an_unknown_device_is_noted(returner: SignInClient, clock: Clock, fakes: Fakes) -> None:
    begun = await returner.starts()

    await clock.advance(TEN_MINUTES)

    await returner.end()
    abandoned = fakes.sign_in.noted.calls[0]
    assert (abandoned.owner, abandoned.user_id) == (returner.workflow_id, USER_ID)
    assert (abandoned.device_label, abandoned.address_prefix) == ("Firefox 145, Laptop", "192.0.2.0/24")
    assert begun.view.expires_at
    assert abandoned.at == begun.view.expires_at - timedelta(minutes=10)


async def test_locked_flow_of_an_unknown_device_is_noted(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()

    await returner.types_wrong(times=5)

    await returner.end()
    assert {abandoned.owner for abandoned in fakes.sign_in.noted.calls} == {returner.workflow_id}


async def test_flow_on_a_known_device_is_never_noted(careful: SignInClient, fakes: Fakes) -> None:
    careful.is_device_new = False
    await careful.starts()

    await careful.shows_wrong(times=5)

    await careful.end()
    assert fakes.sign_in.noted.calls == []


async def test_warning_that_the_note_asks_for_is_mailed(returner: SignInClient, fakes: Fakes) -> None:
    fakes.sign_in.noted.always_returns(lambda _: WARNING)
    await returner.starts()

    await returner.types_wrong(times=5)

    assert await fakes.mail.ordered(MailKind.SIGN_IN_WARNING) == WARNING
    assert (await returner.end()).state is FlowState.LOCKED


async def test_flows_abandoned_side_by_side_warn_once(returner: SignInClient, fakes: Fakes) -> None:
    """The note names the mail by account and day; the name decides."""
    fakes.sign_in.noted.always_returns(lambda _: WARNING)
    others = [SignInClient(returner.client, returner.clock) for _ in range(2)]
    await asyncio.gather(*(each.starts() for each in (returner, *others)))

    await asyncio.gather(*(each.types_wrong(times=5) for each in (returner, *others)))

    await asyncio.gather(*(each.end() for each in (returner, *others)))
    await fakes.mail.ordered(MailKind.SIGN_IN_WARNING)
    assert [order.kind for order in fakes.mail.recorded.calls].count(MailKind.SIGN_IN_WARNING) == 1
