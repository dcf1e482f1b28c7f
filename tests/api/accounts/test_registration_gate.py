"""Who may start a registration is decided before the password is hashed, and a name is held only for a flow."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest

from adapters.crypto.password_hashing import PasswordHashing
from adapters.resources import Resources
from adapters.web.breached_passwords import BreachedPasswords
from config.settings import Settings
from domain.errors import Overloaded
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import Person, SignedIn, new_person, prove
from tests.support.rate_limited_api import serving

START = "/auth/register/email-verification"
TAKEN = (409, "UsernameTaken")


@dataclass
class Counted:
    """A client of an API whose hashes are counted, and refused where `refuses` says so."""

    client: httpx.AsyncClient
    resources: Resources
    hashed: list[str] = field(default_factory=list)
    refuses: bool = False

    async def starts(self, person: Person, **headers: str) -> httpx.Response:
        return await self.client.post(START, json=person.application, headers=headers)


@pytest.fixture
async def counted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Counted]:
    async with serving(settings) as here, here.client_anywhere() as client:
        made, hashed = Counted(client, here.app.state.resources), PasswordHashing.hash

        async def count(hashing: PasswordHashing, password: str) -> str:
            made.hashed.append(password)
            if made.refuses:
                raise Overloaded(retry_after=7)
            return await hashed(hashing, password)

        monkeypatch.setattr(PasswordHashing, "hash", count)
        yield made


@pytest.mark.defect(55)
async def test_two_hundred_concurrent_starts_with_one_name_are_one_flow_and_refusals(api: httpx.AsyncClient) -> None:
    name = new_person().username
    crowd = [new_person(username=name) for _ in range(200)]

    responses = await asyncio.gather(*(api.post(START, json=each.application) for each in crowd))

    assert Counter(each.status_code for each in responses) == {202: 1, 409: 199}


async def test_concurrent_starts_with_one_name_cost_one_hash(counted: Counted) -> None:
    name = new_person().username

    await asyncio.gather(*(counted.starts(new_person(username=name)) for _ in range(20)))

    assert len(counted.hashed) == 1


async def test_name_of_an_account_costs_no_hash(counted: Counted, someone: SignedIn) -> None:
    response = await counted.starts(new_person(username=someone.person.username.upper()))

    assert refusal(response) == TAKEN
    assert counted.hashed == []


async def test_network_with_three_open_registrations_is_refused_without_a_hash(counted: Counted) -> None:
    for _ in range(3):
        data(await counted.starts(new_person()), 202)

    response = await counted.starts(new_person())

    assert refusal(response) == (429, "RateLimited")
    assert response.headers["retry-after"] == "60"
    assert len(counted.hashed) == 3


async def test_name_is_free_after_a_start_that_found_no_room_to_hash(counted: Counted) -> None:
    person, other = new_person(), new_person()
    counted.refuses = True
    refused = await counted.starts(person)
    counted.refuses = False

    response = await counted.starts(new_person(username=person.username, email=other.email))

    assert (refusal(refused), refused.headers["retry-after"]) == ((503, "Overloaded"), "7")
    data(response, 202)


async def test_name_is_free_after_a_password_from_a_breach(counted: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    person = new_person()

    async def has_it(*_: object) -> bool:
        return True

    with monkeypatch.context() as breached:
        breached.setattr(BreachedPasswords, "contains", has_it)
        refused = await counted.starts(person)

    assert refusal(refused) == (422, "WeakPassword")
    data(await counted.starts(new_person(username=person.username)), 202)


async def test_taken_name_is_not_looked_up_in_the_breach_service(
    counted: Counted, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[str] = []

    async def look_up(_service: BreachedPasswords, password: str) -> bool:
        looked_up.append(password)
        return False

    monkeypatch.setattr(BreachedPasswords, "contains", look_up)

    assert refusal(await counted.starts(new_person(username=someone.person.username))) == TAKEN
    assert looked_up == []


async def test_repeat_gets_the_flow_of_the_first_request_without_a_hash(counted: Counted, key: dict[str, str]) -> None:
    person = new_person()

    first, again = [data(await counted.starts(person, **key), 202) for _ in range(2)]

    assert again == first
    assert len(counted.hashed) == 1


async def test_repeat_after_the_account_was_made_is_no_conflict(
    api: httpx.AsyncClient, mailbox: Mailbox, key: dict[str, str]
) -> None:
    person = new_person()
    first = data(await api.post(START, json=person.application, headers=key), 202)
    code = await mailbox.code(person.email, "create-account")
    data(await prove(api, person, first["flow_id"], code), 201)

    again = await api.post(START, json=person.application, headers=key)

    assert data(again, 202)["flow_id"] == first["flow_id"]


async def test_key_with_another_body_is_refused(api: httpx.AsyncClient, key: dict[str, str]) -> None:
    person = new_person()
    data(await api.post(START, json=person.application, headers=key), 202)

    other = await api.post(START, json=new_person(username=person.username).application, headers=key)

    assert refusal(other) == (409, "IdempotencyKeyReused")


async def test_concurrent_repeats_are_one_flow(api: httpx.AsyncClient, key: dict[str, str]) -> None:
    person = new_person()

    answers = await asyncio.gather(*(api.post(START, json=person.application, headers=key) for _ in range(20)))

    assert len({data(each, 202)["flow_id"] for each in answers}) == 1
