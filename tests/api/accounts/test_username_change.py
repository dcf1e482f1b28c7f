"""Change of the username: which names are free, where the new one is shown, and the hold on the old one."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, begin, new_person
from tests.support.polling import eventually
from tests.support.signed_in import on_device
from tests.support.username_change import (
    INITIATE,
    ME,
    TAKEN,
    change_username,
    is_free,
    new_name,
    prove,
    read_code,
    request_change,
    requested_change,
    skip_cooldown,
)


async def test_start_waits_for_the_code_in_the_mail(api: httpx.AsyncClient, someone: SignedIn) -> None:
    flow = data(await request_change(api, someone, new_name()), 202)

    assert (flow["kind"], flow["state"], flow["next"]) == ("username_change", "waiting", "email_code")
    assert (flow["attempts_left"], flow["resend_available_at"]) == (5, None)


async def test_right_code_changes_the_name_everywhere(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    name = new_name()

    profile = await change_username(api, mailbox, someone, name)

    assert (profile["_id"], profile["username"]) == (someone.user["_id"], name)
    assert data(await api.get("/auth/user/current", headers=on_device(someone)))["username"] == name
    token = {"session_token": someone.session["session_token"]}
    refreshed = data(await api.post("/auth/session/refresh", json=token))
    claims = data(await api.post("/auth/session/validate-access", json={"access_token": refreshed["access_token"]}))
    assert claims["username"] == name
    credentials = {**someone.person.credentials, "email_or_username": name}
    assert data(await api.post("/auth/login", json=credentials))["user_id"] == someone.user["_id"]
    await eventually(lambda: is_in_graph(resources, someone, name))


async def is_in_graph(resources: Resources, someone: SignedIn, name: str) -> bool:
    found = await resources.clients.neo4j.execute_query(
        "MATCH (u:User {user_id: $id}) RETURN u.username AS name", id=someone.user["_id"]
    )
    return [row["name"] for row in found.records] == [name]


async def test_held_name_is_refused_to_others(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    name, other = new_name(), await make_account(resources)
    await requested_change(api, someone, name)

    assert refusal(await request_change(api, other, name.upper())) == TAKEN
    assert not await is_free(api, name)
    stranger = await api.post("/auth/register/email-verification", json=new_person(username=name).application)
    assert refusal(stranger) == TAKEN


@pytest.mark.parametrize("name", ["admin", "ROOT"])
async def test_reserved_name_is_taken(api: httpx.AsyncClient, someone: SignedIn, name: str) -> None:
    assert refusal(await request_change(api, someone, name)) == TAKEN


async def test_name_of_another_account_is_taken(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    other = await make_account(resources)

    assert refusal(await request_change(api, someone, other.person.username.upper())) == TAKEN


async def test_taken_name_is_refused_before_the_password_is_checked(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    other = await make_account(resources)
    body = {"new_username": other.person.username, "current_password": "not the pass phrase"}

    assert refusal(await api.post(INITIATE, json=body, headers=on_device(someone))) == TAKEN


async def test_name_of_an_open_registration_is_taken(api: httpx.AsyncClient, someone: SignedIn) -> None:
    newcomer = new_person()
    await begin(api, newcomer)

    assert refusal(await request_change(api, someone, newcomer.username)) == TAKEN


async def test_own_name_is_taken_but_not_its_other_letter_cases(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    louder = someone.person.username.upper()

    assert refusal(await request_change(api, someone, someone.person.username)) == TAKEN
    assert (await change_username(api, mailbox, someone, louder))["username"] == louder


async def test_old_name_is_refused_to_others(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    await change_username(api, mailbox, someone, new_name())

    other = await make_account(resources)
    assert refusal(await request_change(api, other, someone.person.username)) == TAKEN
    assert not await is_free(api, someone.person.username)


async def test_old_name_is_held_for_ninety_days(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn
) -> None:
    await change_username(api, mailbox, someone, new_name())

    key = resources.hashes.username_hold_key(someone.person.username)
    hold = await resources.clients.database["holds"].find_one({"key": key})
    assert hold
    assert abs(hold["until"] - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=1)


async def test_owner_may_take_the_old_name_back(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn, change_user: ChangeUser
) -> None:
    name = new_name()
    await change_username(api, mailbox, someone, name)
    await skip_cooldown(change_user, someone)

    back = await change_username(api, mailbox, someone, someone.person.username, number=2)

    assert back["username"] == someone.person.username
    assert not await is_free(api, name)


async def test_cancelled_change_back_leaves_the_hold(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn, change_user: ChangeUser
) -> None:
    await change_username(api, mailbox, someone, new_name())
    await skip_cooldown(change_user, someone)
    flow_id = await requested_change(api, someone, someone.person.username)

    data(await api.post(f"/flows/{flow_id}/cancel", headers=on_device(someone)))

    assert not await is_free(api, someone.person.username)


async def test_second_change_within_thirty_days_is_refused(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    await change_username(api, mailbox, someone, new_name())

    assert refusal(await request_change(api, someone, new_name())) == (409, "UsernameCooldown")


async def test_cooldown_is_checked_again_at_the_swap(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn, change_user: ChangeUser
) -> None:
    flow_id = await requested_change(api, someone, new_name())
    await change_user(someone.user["_id"], {"last_username_change": datetime.now(UTC) - timedelta(days=29)})

    response = await prove(api, someone, await read_code(mailbox, someone, flow_id))

    assert refusal(response) == (409, "UsernameCooldown")
    assert data(await api.get(ME, headers=on_device(someone)))["username"] == someone.person.username


async def test_concurrent_changes_to_one_name_succeed_once(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    name, other = new_name(), await make_account(resources)

    answers = await asyncio.gather(*(request_change(api, each, name) for each in (someone, other)))

    assert sorted(answer.status_code for answer in answers) == [202, 409]
