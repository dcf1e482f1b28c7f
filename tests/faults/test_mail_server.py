"""The mail server is away, refuses or is silent: each mail arrives when it is back, and once."""

import httpx
import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.conftest import attempts_at, ready_without
from tests.faults.outages import away
from tests.support.envelope import data
from tests.support.flows import state_of
from tests.support.mailbox import Mailbox
from tests.support.people import begin, new_person, prove
from tests.support.polling import eventually


@pytest.mark.defect(43)
async def test_code_mail_refused_for_a_while_arrives_once(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    person = new_person()
    await mailbox.break_with("reject_4xx", to=person.email)
    flow = await begin(api, person)

    async def tried_twice() -> bool:
        return await attempts_at(resources, person, "create-account") >= 2

    await eventually(tried_twice)
    assert await state_of(api, flow["flow_id"]) == "waiting"
    await mailbox.break_with("none")

    code = await mailbox.code(person.email, "create-account", within=30)
    data(await prove(api, person, flow["flow_id"], code), 201)
    assert len(await mailbox.letters(person.email, "create-account")) == 1


async def test_welcome_mail_refused_for_a_while_delays_no_request(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    person = new_person()
    flow = await begin(api, person)
    code = await mailbox.code(person.email, "create-account")
    await mailbox.break_with("reject_4xx", to=person.email)

    data(await prove(api, person, flow["flow_id"], code), 201)

    await eventually(lambda: attempts_at(resources, person, "welcome-message"))
    assert await state_of(api, flow["flow_id"]) == "completed"
    await mailbox.break_with("none")
    await mailbox.letter(person.email, "welcome-message", within=30)
    assert len(await mailbox.letters(person.email, "welcome-message")) == 1


async def test_server_that_hangs_and_dies_gets_the_mail_once_it_is_back(
    stack: Stack, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    person = new_person()
    await mailbox.break_with("hang", to=person.email)
    flow = await begin(api, person)
    await eventually(lambda: attempts_at(resources, person, "create-account"))

    async with away(stack, "mailbox"):
        assert await state_of(api, flow["flow_id"]) == "waiting"

    code = await mailbox.code(person.email, "create-account", within=30)
    data(await prove(api, person, flow["flow_id"], code), 201)
    assert len(await mailbox.letters(person.email, "create-account")) == 1


async def test_registration_begun_without_a_mail_server_completes_when_it_is_back(
    stack: Stack, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    person = new_person()

    async with away(stack, "mailbox"):
        flow = await begin(api, person)
        await eventually(lambda: attempts_at(resources, person, "create-account"))
        await ready_without(api, "smtp")

    assert flow["state"] == "waiting"
    code = await mailbox.code(person.email, "create-account", within=30)
    data(await prove(api, person, flow["flow_id"], code), 201)
    await mailbox.letter(person.email, "welcome-message")
    assert len(await mailbox.letters(person.email, "create-account")) == 1
