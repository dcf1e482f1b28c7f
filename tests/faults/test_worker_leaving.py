"""A worker that receives SIGTERM: it exits in time, and the work in progress happens once."""

import signal

import httpx

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.conftest import attempts_at
from tests.faults.outages import gone, send_signal
from tests.support.mailbox import Mailbox
from tests.support.people import begin, new_person
from tests.support.polling import eventually

LEAVE_SECONDS = 25


async def test_in_the_middle_of_a_mail_it_is_gone_in_time_and_the_mail_sent_once(
    stack: Stack, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    person = new_person()
    await mailbox.break_with("hang", to=person.email)
    await begin(api, person)
    await eventually(lambda: attempts_at(resources, person, "create-account"))

    leaving = send_signal(stack, "worker", signal.SIGTERM)
    await gone(leaving, within=LEAVE_SECONDS + 1)

    await mailbox.break_with("none")
    assert await mailbox.code(person.email, "create-account", within=60)
    assert len(await mailbox.letters(person.email, "create-account")) == 1


async def test_with_nothing_in_hand_it_is_gone_at_once(stack: Stack) -> None:
    leaving = send_signal(stack, "worker", signal.SIGTERM)

    await gone(leaving, within=5)
