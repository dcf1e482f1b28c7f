"""Registrations for an address that has an account: from outside they look like any other."""

from datetime import timedelta

import pytest
from temporalio.client import Client

from domain.accounts.registration import Creation
from domain.delivery.mail import MailKind
from domain.errors import WrongCode
from domain.flows import FlowState, FlowView
from tests.support.polling import eventually
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.clients.registration import Newcomer
from tests.workflows.fakes.all import Fakes, account_of
from tests.workflows.indistinguishability import shape, steps
from tests.workflows.time_skipping import Clock


@pytest.fixture
def known(client: Client, clock: Clock, fakes: Fakes) -> Newcomer:
    """Somebody who types the address of an account."""
    return Newcomer(client, clock, is_known=True)


async def mails(fakes: Fakes, count: int) -> list[MailKind]:
    """The kinds of the first mails, in their order; waits for so many."""

    async def recorded() -> list[MailKind] | None:
        orders = fakes.mail.recorded.asked
        return [order.kind for order in orders] if len(orders) == count else None

    return await eventually(recorded)


async def test_owner_of_the_address_is_told_by_mail(known: Newcomer, fakes: Fakes) -> None:
    answer = await known.asks()

    assert answer.refusal is None
    assert await mails(fakes, 1) == [MailKind.ACCOUNT_EXISTS]
    assert fakes.mail.recorded.asked[0].code is None


async def test_no_code_is_ever_right(known: Newcomer, fakes: Fakes) -> None:
    await known.asks()

    answer = await known.types(known.code())

    assert answer.refusal == WrongCode.__name__
    assert answer.registered is None
    assert fakes.registration.create.asked == []


async def test_known_address_looks_like_any_other(known: Newcomer, newcomer: Newcomer) -> None:
    seen_by_known = [shape(view) for view in await seen_until_locked(known)]
    seen_by_newcomer = [shape(view) for view in await seen_until_locked(newcomer)]

    assert seen_by_known == seen_by_newcomer


async def test_known_address_takes_the_same_steps(known: Newcomer, newcomer: Newcomer) -> None:
    await seen_until_locked(known)
    await seen_until_locked(newcomer)

    assert await steps(known) == await steps(newcomer)


async def test_known_address_expires_like_any_other(known: Newcomer, clock: Clock) -> None:
    await known.asks()

    await clock.passes(timedelta(minutes=10, seconds=1))

    assert (await known.end()).state is FlowState.EXPIRED


async def test_address_lost_at_the_end_reads_as_a_wrong_code(newcomer: Newcomer, fakes: Fakes) -> None:
    await newcomer.asks()
    fakes.registration.create.always_answers(lambda create: account_of(create, Creation.EMAIL_TAKEN))

    answer = await newcomer.types(newcomer.code())

    assert answer.refusal == WrongCode.__name__
    assert (answer.view.state, answer.view.attempts_left) == (FlowState.WAITING, 4)
    assert answer.registered is None


async def test_after_a_lost_address_no_code_is_ever_right(newcomer: Newcomer, fakes: Fakes) -> None:
    await newcomer.asks()
    fakes.registration.create.answers_next(lambda create: account_of(create, Creation.EMAIL_TAKEN))
    await newcomer.types(newcomer.code())

    answer = await newcomer.types(newcomer.code())

    assert answer.refusal == WrongCode.__name__
    assert len(fakes.registration.create.asked) == 1


async def test_after_a_lost_address_its_owner_is_told(newcomer: Newcomer, clock: Clock, fakes: Fakes) -> None:
    await newcomer.asks()
    fakes.registration.create.answers_next(lambda create: account_of(create, Creation.EMAIL_TAKEN))
    await newcomer.types(newcomer.code())

    await newcomer.waits_and_wants_another(timedelta(seconds=61))

    assert await mails(fakes, 2) == [MailKind.CREATE_ACCOUNT, MailKind.ACCOUNT_EXISTS]


async def test_address_lost_on_the_last_attempt_locks_the_flow(newcomer: Newcomer, fakes: Fakes) -> None:
    await newcomer.asks()
    fakes.registration.create.always_answers(lambda create: account_of(create, Creation.EMAIL_TAKEN))
    await newcomer.types_wrong(times=4)

    answer = await newcomer.types(newcomer.code())

    assert answer.refusal == WrongCode.__name__
    assert (await newcomer.end()).state is FlowState.LOCKED


async def seen_until_locked(person: Newcomer) -> list[FlowView]:
    """All views of a flow with a resend, until five wrong codes have locked it."""
    begun = await person.asks()
    first = await person.types(WRONG)
    resent = await person.waits_and_wants_another(timedelta(seconds=61))
    last = await person.types_wrong(times=4)
    return [begun.view, first.view, resent.view, last.view, await person.end()]
