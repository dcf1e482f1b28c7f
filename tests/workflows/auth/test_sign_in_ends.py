"""Sign-ins that end otherwise: cancelled, abandoned, refused at the last step. And what is too late by then."""

import asyncio
from datetime import timedelta

from activities.delivery.mail import MailOrder
from domain.delivery.mail import MailKind
from domain.errors import FlowClosed
from domain.flows import FlowState
from tests.workflows.clients.sign_in import USER_ID, Returner
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock

TEN_MINUTES = timedelta(minutes=10, seconds=1)
WARNING = MailOrder("sign-in-warning.ann.20260102", MailKind.SIGN_IN_WARNING, "ann@people.test")


async def test_cancelled_flow_opens_no_session_and_is_no_abandoned_one(returner: Returner, fakes: Fakes) -> None:
    await returner.asks()

    answer = await returner.cancels()

    assert (answer.refusal, answer.view.state) == (None, FlowState.CANCELLED)
    assert (await returner.end()).state is FlowState.CANCELLED
    assert await returner.listed_state() == "cancelled"
    assert fakes.sign_in.opened.asked == []
    assert fakes.sign_in.noted.asked == []


async def test_cancel_between_the_legs_ends_the_flow(careful: Returner, fakes: Fakes) -> None:
    await careful.asks()
    await careful.types(careful.code())

    await careful.cancels()

    assert (await careful.end()).state is FlowState.CANCELLED
    assert fakes.sign_in.opened.asked == []


async def test_cancel_after_the_proof_is_too_late(returner: Returner, fakes: Fakes) -> None:
    await returner.asks()
    fakes.sign_in.opened.fails(MONGO_AWAY, times=1)
    fakes.sign_in.opened.hangs()
    typing = await returner.begins_to_type(returner.code())
    await fakes.sign_in.opened.has_been_asked(times=2)

    cancelling = await returner.begins_to_cancel()
    fakes.sign_in.opened.goes_on()

    assert (await typing.result()).session_id
    assert (await cancelling.result()).refusal == FlowClosed.__name__
    assert (await returner.end()).state is FlowState.COMPLETED


async def test_account_that_has_moved_on_since_the_login_gets_no_session(returner: Returner, fakes: Fakes) -> None:
    """Password changed, all sessions revoked, account deactivated: the store refuses the epoch."""
    await returner.asks()
    fakes.sign_in.opened.always_answers(lambda _: None)

    answer = await returner.types(returner.code())

    assert (answer.refusal, answer.session_id) == (FlowClosed.__name__, None)
    assert (await returner.end()).state is FlowState.FAILED
    assert await returner.listed_state() == "failed"


async def test_expired_flow_of_an_unknown_device_is_noted(returner: Returner, clock: Clock, fakes: Fakes) -> None:
    begun = await returner.asks()

    await clock.passes(TEN_MINUTES)

    await returner.end()
    abandoned = fakes.sign_in.noted.asked[0]
    assert (abandoned.owner, abandoned.user_id) == (returner.workflow_id, USER_ID)
    assert (abandoned.device_label, abandoned.address_prefix) == ("Firefox 145, Laptop", "192.0.2.0/24")
    assert begun.view.expires_at
    assert abandoned.at == begun.view.expires_at - timedelta(minutes=10)


async def test_locked_flow_of_an_unknown_device_is_noted(returner: Returner, fakes: Fakes) -> None:
    await returner.asks()

    await returner.types_wrong(times=5)

    await returner.end()
    assert {abandoned.owner for abandoned in fakes.sign_in.noted.asked} == {returner.workflow_id}


async def test_flow_on_a_known_device_is_never_noted(careful: Returner, fakes: Fakes) -> None:
    careful.is_device_new = False
    await careful.asks()

    await careful.shows_wrong(times=5)

    await careful.end()
    assert fakes.sign_in.noted.asked == []


async def test_warning_that_the_note_asks_for_is_mailed(returner: Returner, fakes: Fakes) -> None:
    fakes.sign_in.noted.always_answers(lambda _: WARNING)
    await returner.asks()

    await returner.types_wrong(times=5)

    assert await fakes.mail.ordered(MailKind.SIGN_IN_WARNING) == WARNING
    assert (await returner.end()).state is FlowState.LOCKED


async def test_flows_abandoned_side_by_side_warn_once(returner: Returner, fakes: Fakes) -> None:
    """The note names the mail by account and day; the name decides."""
    fakes.sign_in.noted.always_answers(lambda _: WARNING)
    others = [Returner(returner.client, returner.clock) for _ in range(2)]
    await asyncio.gather(*(each.asks() for each in (returner, *others)))

    await asyncio.gather(*(each.types_wrong(times=5) for each in (returner, *others)))

    await asyncio.gather(*(each.end() for each in (returner, *others)))
    await fakes.mail.ordered(MailKind.SIGN_IN_WARNING)
    assert [order.kind for order in fakes.mail.recorded.asked].count(MailKind.SIGN_IN_WARNING) == 1
