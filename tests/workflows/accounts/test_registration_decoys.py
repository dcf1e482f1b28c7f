"""Registrations for an address that has an account: from outside they look like any other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client

from domain.accounts.registration import AccountCreationOutcome, AddressHolder
from domain.delivery.mail import MailKind
from domain.errors import WrongCode
from domain.flows import FlowState, FlowView
from tests.support.polling import eventually
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.clients.registration import RegistrationClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.registration import account_of
from tests.workflows.indistinguishability import shape, steps
from tests.workflows.time_skipping import Clock


@pytest.fixture
def known(client: Client, clock: Clock, fakes: Fakes) -> RegistrationClient:
    """A client that registers the address of an existing account."""
    return RegistrationClient(client, clock, is_known=True)


async def mails(fakes: Fakes, count: int) -> list[MailKind]:
    """The kinds of the first mails, in their order; waits for so many."""

    async def recorded() -> list[MailKind] | None:
        orders = fakes.mail.recorded.calls
        return [order.kind for order in orders] if len(orders) == count else None

    return await eventually(recorded)


async def test_owner_of_the_address_is_notified_by_mail(known: RegistrationClient, fakes: Fakes) -> None:
    answer = await known.starts()

    assert answer.refusal is None
    assert await mails(fakes, 1) == [MailKind.ACCOUNT_EXISTS]
    assert fakes.mail.recorded.calls[0].code is None


async def test_mail_goes_to_the_stored_address_not_to_the_typed_one(known: RegistrationClient, fakes: Fakes) -> None:
    known.holder = AddressHolder("Stored@people.test")

    await known.starts()

    await mails(fakes, 1)
    assert fakes.mail.recorded.calls[0].recipient == "Stored@people.test"


async def test_unknown_holder_gets_no_mail(known: RegistrationClient, fakes: Fakes) -> None:
    await known.starts()

    await mails(fakes, 1)
    assert fakes.mail.recorded.calls[0].recipient == ""


@pytest.mark.parametrize(
    ("deletion_at", "date"), [(datetime(2026, 1, 31, 9, tzinfo=UTC), "31 January 2026"), (None, "")]
)
async def test_mail_to_a_deactivated_account_has_the_day_of_its_end(
    known: RegistrationClient, fakes: Fakes, deletion_at: datetime | None, date: str
) -> None:
    known.holder = AddressHolder("stored@people.test", is_active=False, deletion_at=deletion_at)

    await known.starts()

    await mails(fakes, 1)
    assert fakes.mail.recorded.calls[0].variables["date"] == date


async def test_no_code_is_ever_right(known: RegistrationClient, fakes: Fakes) -> None:
    await known.starts()

    answer = await known.types(known.code())

    assert answer.refusal == WrongCode.__name__
    assert answer.registered is None
    assert fakes.registration.create.calls == []


async def test_known_address_looks_like_any_other(known: RegistrationClient, newcomer: RegistrationClient) -> None:
    seen_by_known = [shape(view) for view in await seen_until_locked(known)]
    seen_by_newcomer = [shape(view) for view in await seen_until_locked(newcomer)]

    assert seen_by_known == seen_by_newcomer


async def test_known_address_takes_the_same_steps(known: RegistrationClient, newcomer: RegistrationClient) -> None:
    await seen_until_locked(known)
    await seen_until_locked(newcomer)

    assert await steps(known) == await steps(newcomer)


async def test_known_address_expires_like_any_other(known: RegistrationClient, clock: Clock) -> None:
    await known.starts()

    await clock.advance(timedelta(minutes=10, seconds=1))

    assert (await known.end()).state is FlowState.EXPIRED


async def test_address_lost_at_the_end_reads_as_a_wrong_code(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()
    fakes.registration.create.always_returns(lambda create: account_of(create, AccountCreationOutcome.EMAIL_TAKEN))

    answer = await newcomer.types(newcomer.code())

    assert answer.refusal == WrongCode.__name__
    assert (answer.view.state, answer.view.attempts_left) == (FlowState.WAITING, 4)
    assert answer.registered is None


async def test_after_a_lost_address_no_code_is_ever_right(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()
    fakes.registration.create.returns_next(lambda create: account_of(create, AccountCreationOutcome.EMAIL_TAKEN))
    await newcomer.types(newcomer.code())

    answer = await newcomer.types(newcomer.code())

    assert answer.refusal == WrongCode.__name__
    assert len(fakes.registration.create.calls) == 1


async def test_after_a_lost_address_its_owner_is_notified(
    newcomer: RegistrationClient, clock: Clock, fakes: Fakes
) -> None:
    await newcomer.starts()
    taken = AccountCreationOutcome.EMAIL_TAKEN
    fakes.registration.create.returns_next(
        lambda create: replace(account_of(create, taken), holder=AddressHolder("Stored@people.test"))
    )
    await newcomer.types(newcomer.code())

    await newcomer.waits_and_requests_resend(timedelta(seconds=61))

    assert await mails(fakes, 2) == [MailKind.CREATE_ACCOUNT, MailKind.ACCOUNT_EXISTS]
    assert fakes.mail.recorded.calls[1].recipient == "Stored@people.test"


async def test_address_lost_on_the_last_attempt_locks_the_flow(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()
    fakes.registration.create.always_returns(lambda create: account_of(create, AccountCreationOutcome.EMAIL_TAKEN))
    await newcomer.types_wrong(times=4)

    answer = await newcomer.types(newcomer.code())

    assert answer.refusal == WrongCode.__name__
    assert (await newcomer.end()).state is FlowState.LOCKED


async def seen_until_locked(person: RegistrationClient) -> list[FlowView]:
    """All views of a flow with a resend, until five wrong codes have locked it."""
    begun = await person.starts()
    first = await person.types(WRONG)
    resent = await person.waits_and_requests_resend(timedelta(seconds=61))
    last = await person.types_wrong(times=4)
    return [begun.view, first.view, resent.view, last.view, await person.end()]
