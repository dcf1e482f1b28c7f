"""The same registration twice without a key: two flows side by side, and the first that is verified has the name."""

import asyncio
from dataclasses import dataclass

import httpx
import pytest

from adapters.resources import Resources
from domain.codes import CodePurpose
from tests.support.envelope import data, refusal
from tests.support.flows import state_of
from tests.support.mailbox import Mailbox
from tests.support.people import Person, SignedIn, begin, new_person, prove

START = "/auth/register/email-verification"
TAKEN = (409, "UsernameTaken")


@dataclass(frozen=True)
class Twice:
    """One application, twice: the flows, and who wrote each; the passwords differ."""

    older: Person
    newer: Person
    older_flow: str
    newer_flow: str


@pytest.fixture
async def twice(api: httpx.AsyncClient) -> Twice:
    older = new_person()
    newer = new_person(username=older.username, email=older.email.upper(), password="another pass phrase")
    flows = [str((await begin(api, each))["flow_id"]) for each in (older, newer)]
    return Twice(older, newer, *flows)


def code_of(resources: Resources, flow_id: str) -> str:
    """Return the code as in the mail, derived again: two mails to one address do not say which flow they are of."""
    purpose, key_id = CodePurpose.CREATE_ACCOUNT, resources.codes.current_key_id
    return resources.codes.code(flow_id=flow_id, purpose=purpose, issue_no=1, key_id=key_id)


async def test_each_has_a_flow_and_a_code_of_its_own(mailbox: Mailbox, resources: Resources, twice: Twice) -> None:
    codes = {await mailbox.code(twice.older.email, "create-account", number=number) for number in (1, 2)}

    assert twice.older_flow != twice.newer_flow
    assert codes == {code_of(resources, flow_id) for flow_id in (twice.older_flow, twice.newer_flow)}


@pytest.mark.defect(12)
async def test_older_one_ends_in_its_own_password(api: httpx.AsyncClient, resources: Resources, twice: Twice) -> None:
    code = code_of(resources, twice.older_flow)

    data(await prove(api, twice.older, twice.older_flow, code), 201)

    data(await api.post("/auth/login", json=twice.older.credentials))
    stranger = await api.post("/auth/login", json=twice.newer.credentials)
    assert refusal(stranger) == (401, "InvalidCredentials")


async def test_newer_one_that_is_verified_first_has_the_name_and_ends_the_older(
    api: httpx.AsyncClient, resources: Resources, twice: Twice
) -> None:
    account = data(await prove(api, twice.newer, twice.newer_flow, code_of(resources, twice.newer_flow)), 201)

    late = await prove(api, twice.older, twice.older_flow, code_of(resources, twice.older_flow))

    assert account["user"]["username"] == twice.newer.username
    assert refusal(late) == TAKEN
    assert await state_of(api, twice.older_flow) == "failed"


async def test_both_verified_at_once_are_one_account(
    api: httpx.AsyncClient, resources: Resources, twice: Twice
) -> None:
    flows = [(twice.older, twice.older_flow), (twice.newer, twice.newer_flow)]

    answers = await asyncio.gather(*(prove(api, each, flow, code_of(resources, flow)) for each, flow in flows))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert [refusal(answer) for answer in answers if answer.status_code == 409] == [TAKEN]
    states = [await state_of(api, flow) for _, flow in flows]
    assert sorted(states) == ["completed", "failed"]


@pytest.mark.parametrize("ended", ["older_flow", "newer_flow"])
async def test_end_of_one_leaves_the_name_held_for_the_other(api: httpx.AsyncClient, twice: Twice, ended: str) -> None:
    data(await api.post(f"/flows/{getattr(twice, ended)}/cancel"))

    stranger = await api.post(START, json=new_person(username=twice.older.username).application)

    assert refusal(stranger) == TAKEN


async def test_end_of_both_frees_the_name(api: httpx.AsyncClient, twice: Twice) -> None:
    for flow_id in (twice.older_flow, twice.newer_flow):
        data(await api.post(f"/flows/{flow_id}/cancel"))

    await begin(api, new_person(username=twice.older.username))


async def test_concurrent_starts_with_one_name_and_address_are_flows_of_their_own(api: httpx.AsyncClient) -> None:
    person = new_person()

    flows = await asyncio.gather(*(begin(api, person) for _ in range(5)))

    assert len({flow["flow_id"] for flow in flows}) == 5


async def test_known_address_is_answered_twice_like_an_unknown_one(api: httpx.AsyncClient, someone: SignedIn) -> None:
    known, unknown = new_person(email=someone.person.email), new_person()

    flows = [await begin(api, person) for person in (known, known, unknown, unknown)]

    own = ("flow_id", "expires_at", "resend_available_at")
    shown = [{name: value for name, value in flow.items() if name not in own} for flow in flows]
    assert shown == [shown[0]] * 4
