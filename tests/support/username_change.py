"""Changing a username, as the tests of it do: ask, prove, look whether a name is free."""

from datetime import UTC, datetime, timedelta

import httpx

from tests.api.conftest import ChangeUser
from tests.support.envelope import Json, data
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, new_person
from tests.support.signed_in import on_device

INITIATE = "/users/username/change/initiate"
VERIFY = "/users/username/change/verify-email"
ME = "/users/profile/me"
FREE = "/users/search/existing-username"
WRONG = "WRQNG2"
TAKEN = (409, "UsernameTaken")


def new_name() -> str:
    return new_person().username


async def request_change(api: httpx.AsyncClient, someone: SignedIn, name: str, **headers: str) -> httpx.Response:
    return await api.post(INITIATE, json={"new_username": name}, headers=on_device(someone) | headers)


async def requested_change(api: httpx.AsyncClient, someone: SignedIn, name: str) -> str:
    return str(data(await request_change(api, someone, name), 202)["flow_id"])


async def read_code(mailbox: Mailbox, someone: SignedIn, flow_id: str, *, number: int = 1) -> Json:
    code = await mailbox.code(someone.person.email, "username-change-verify", number=number)
    return {"flow_id": flow_id, "code": code}


async def prove(api: httpx.AsyncClient, someone: SignedIn, proof: Json, **headers: str) -> httpx.Response:
    return await api.post(VERIFY, json=proof, headers=on_device(someone) | headers)


async def change_username(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn, name: str, *, number: int = 1
) -> Json:
    """The profile, once the name is another."""
    proof = await read_code(mailbox, someone, await requested_change(api, someone, name), number=number)
    profile: Json = data(await prove(api, someone, proof))
    return profile


async def is_free(api: httpx.AsyncClient, name: str) -> bool:
    return bool(data(await api.get(FREE, params={"username": name}))["available"])


async def skip_cooldown(change_user: ChangeUser, someone: SignedIn) -> None:
    """As if the last change were thirty days ago."""
    long_ago = datetime.now(UTC) - timedelta(days=30, seconds=1)
    await change_user(someone.user["_id"], {"last_username_change": long_ago})
