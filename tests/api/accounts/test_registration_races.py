"""Many codes typed at once: each request is answered, also by a flow that closes in the same moment."""

import asyncio
from collections import Counter

import httpx
import pytest

from tests.support.mailbox import Mailbox
from tests.support.people import Person, begin, new_person, prove

PEOPLE = 20


@pytest.fixture
async def waiting(api: httpx.AsyncClient, mailbox: Mailbox) -> list[tuple[Person, str, str]]:
    """Registrations with the code in the mail: person, flow id and code."""

    async def ready() -> tuple[Person, str, str]:
        person = new_person()
        flow = await begin(api, person)
        return person, flow["flow_id"], await mailbox.code(person.email, "create-account", within=60)

    return await asyncio.gather(*(ready() for _ in range(PEOPLE)))


async def test_three_right_codes_of_each_at_once_are_all_answered(
    api: httpx.AsyncClient, waiting: list[tuple[Person, str, str]]
) -> None:
    answers = await asyncio.gather(*(prove(api, *case) for case in waiting for _ in range(3)))

    assert Counter(answer.status_code for answer in answers) == {201: PEOPLE, 409: 2 * PEOPLE}
