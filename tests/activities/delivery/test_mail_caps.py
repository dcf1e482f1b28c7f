"""Caps on mails that others can trigger: a mail over the cap is recorded as such and not sent."""

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from activities.delivery.deliveries import Deliveries
from activities.delivery.mail import MailActivities, MailInput
from adapters.redis.local_limits import LocalLimits
from adapters.redis.rate_limits import RateLimits
from adapters.resources import Resources
from domain.codes import RESEND_INTERVAL
from domain.delivery.mail import MailKind, MailState
from domain.rate_limits import Policy
from tests.support.mailbox import Mailbox

CAPS = (Policy("mail_pace", 1, timedelta(seconds=55)), Policy("mail_day", 3, timedelta(days=1)))
SENT, SUPPRESSED = MailState.RENDERED, MailState.SUPPRESSED


class Clock:
    def __init__(self) -> None:
        self.now_ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now_ms

    def move(self, by: timedelta) -> None:
        self.now_ms += int(by.total_seconds() * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mail(resources: Resources, clock: Clock) -> MailActivities:
    deliveries = Deliveries(
        mails=resources.delivery.mails,
        renderer=resources.delivery.mail_renderer,
        smtp=resources.delivery.smtp,
        codes=resources.codes,
        hashes=resources.hashes,
        rate_limits=RateLimits(resources.clients.redis, LocalLimits(clock), clock),
        policies=CAPS,
    )
    return MailActivities(deliveries)


@pytest.fixture
def order() -> MailInput:
    name = secrets.token_hex(6)
    facts = {"username": name, "minutes": "10"}
    return MailInput(f"test.{name}", MailKind.ACCOUNT_EXISTS, f"{name}@people.test", facts)


def another(order: MailInput) -> MailInput:
    return replace(order, key=f"test.{secrets.token_hex(6)}")


async def test_second_within_the_minute_is_suppressed(mail: MailActivities, order: MailInput) -> None:
    assert [await mail.record(order), await mail.record(another(order))] == [SENT, SUPPRESSED]


async def test_suppressed_mail_is_not_sent(mail: MailActivities, order: MailInput, mailbox: Mailbox) -> None:
    await mail.record(order)
    too_many = another(order)
    await mail.record(too_many)

    assert await mail.send(too_many) is SUPPRESSED
    assert await mailbox.letters(order.recipient, order.kind) == []


async def test_resend_of_a_flow_gets_through(mail: MailActivities, order: MailInput, clock: Clock) -> None:
    await mail.record(order)
    clock.move(RESEND_INTERVAL)

    assert await mail.record(another(order)) is SENT


async def test_day_has_an_end(mail: MailActivities, order: MailInput, clock: Clock) -> None:
    states = []
    for _ in range(4):
        states.append(await mail.record(another(order)))
        clock.move(RESEND_INTERVAL)

    assert states == [SENT, SENT, SENT, SUPPRESSED]


async def test_record_made_twice_is_one_mail(mail: MailActivities, order: MailInput) -> None:
    assert [await mail.record(order), await mail.record(order)] == [SENT, SENT]


async def test_suppressed_stays_suppressed(mail: MailActivities, order: MailInput, clock: Clock) -> None:
    too_many = another(order)
    await mail.record(order)
    await mail.record(too_many)
    clock.move(timedelta(days=2))

    assert await mail.record(too_many) is SUPPRESSED


async def test_other_addresses_are_not_affected(mail: MailActivities, order: MailInput) -> None:
    await mail.record(order)

    assert await mail.record(replace(another(order), recipient=f"x{order.recipient}")) is SENT


async def test_other_kinds_are_not_affected(mail: MailActivities, order: MailInput) -> None:
    await mail.record(order)

    assert await mail.record(replace(another(order), kind=MailKind.WELCOME_MESSAGE)) is SENT
    assert await mail.record(replace(another(order), kind=MailKind.WELCOME_MESSAGE)) is SENT


async def test_first_tries_of_flows_count_as_any_mail(mail: MailActivities, order: MailInput, mailbox: Mailbox) -> None:
    too_many = another(order)

    states = [await mail.deliver(order), await mail.deliver(too_many), await mail.deliver(too_many)]

    assert states == [MailState.ACCEPTED, SUPPRESSED, SUPPRESSED]
    assert len(await mailbox.letters(order.recipient, order.kind)) == 1
