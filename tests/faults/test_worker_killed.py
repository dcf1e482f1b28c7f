"""One kill -9 of the worker in the middle of four registrations, each at another step: all of them complete.

The kill happens once, before the first test of this file; each test then checks its own user.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.conftest import Whole, attempts_at
from tests.faults.outages import send_signal
from tests.support.clients import client_of
from tests.support.envelope import data
from tests.support.flows import state_of
from tests.support.mailbox import Mailbox
from tests.support.people import Person, begin, new_person, prove, prove_until_answered
from tests.support.polling import eventually


@dataclass(frozen=True)
class Case:
    """A user whose registration was interrupted by the kill."""

    person: Person
    flow_id: str
    code: str = ""


@dataclass(frozen=True)
class Scene:
    just_started: Case
    being_judged: Case
    just_made: Case
    mail_waits: Case


class Play:
    """Brings users to the steps at which the kill happens."""

    def __init__(self, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources) -> None:
        self.api = api
        self.mailbox = mailbox
        self.resources = resources

    async def waiting_for_the_mail_server(self) -> Case:
        person = new_person()
        await self.mailbox.break_with("reject_4xx", to=person.email)
        flow = await begin(self.api, person)
        await eventually(lambda: attempts_at(self.resources, person, "create-account"))
        return Case(person, flow["flow_id"])

    async def with_a_code(self) -> Case:
        person = new_person()
        flow = await begin(self.api, person)
        return Case(person, flow["flow_id"], await self.mailbox.code(person.email, "create-account"))

    async def prove(self, case: Case) -> httpx.Response:
        return await prove(self.api, case.person, case.flow_id, case.code, key=case.person.request_key)


@pytest.fixture(scope="module")
async def scene(stack: Stack, resources: Resources) -> AsyncIterator[Scene]:
    async with (
        client_of(stack.url("api")) as api,
        client_of(stack.url("mailbox")) as letters,
    ):
        mailbox = Mailbox(letters)
        play = Play(api, mailbox, resources)
        mail_waits = await play.waiting_for_the_mail_server()
        being_judged, just_made = await play.with_a_code(), await play.with_a_code()
        data(await play.prove(just_made), 201)
        starter = new_person()
        flow = await begin(api, starter)
        sent = asyncio.create_task(play.prove(being_judged))
        await asyncio.sleep(0)
        send_signal(stack, "worker", signal.SIGKILL)
        assert (await sent).status_code in {201, 202, 503}
        await mailbox.break_with("none")
        yield Scene(Case(starter, flow["flow_id"]), being_judged, just_made, mail_waits)


async def test_started_flow_still_mails_its_code(
    scene: Scene, api: httpx.AsyncClient, mailbox: Mailbox, whole: Whole
) -> None:
    case = scene.just_started

    code = await mailbox.code(case.person.email, "create-account", within=60)

    data(await prove_until_answered(api, case.person, case.flow_id, code), 201)
    await whole(case.person)
    assert len(await mailbox.message_ids(case.person.email, "create-account")) == 1


async def test_code_that_was_being_judged_makes_one_account(scene: Scene, api: httpx.AsyncClient, whole: Whole) -> None:
    case = scene.being_judged

    answer = await prove_until_answered(api, case.person, case.flow_id, case.code)

    registered = data(answer, 201)
    assert registered["user"]["username"] == case.person.username
    assert registered["session"]["session_token"]
    await whole(case.person)


async def test_account_that_was_just_made_is_welcomed(scene: Scene, api: httpx.AsyncClient, whole: Whole) -> None:
    case = scene.just_made

    await whole(case.person)

    assert await state_of(api, case.flow_id) == "completed"


@pytest.mark.defect(41)
async def test_mail_that_waited_is_sent_once(scene: Scene, mailbox: Mailbox) -> None:
    case = scene.mail_waits

    assert await mailbox.code(case.person.email, "create-account", within=60)
    assert len(await mailbox.message_ids(case.person.email, "create-account")) == 1
