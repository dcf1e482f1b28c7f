"""Changing the password while signed in."""

import asyncio

import httpx
import pytest

from adapters.crypto.password_hashing import PasswordHashing
from adapters.resources import Resources
from config.settings import Settings
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.rate_limited_api import serving
from tests.support.signed_in import on_device, with_second_factor

CHANGE = "/auth/password/change"
NEW = "another long enough phrase"


def change(someone: SignedIn, new: str = NEW) -> dict[str, str]:
    return {"old_password": someone.person.password, "new_password": new}


@pytest.mark.defect(26)
async def test_new_password_signs_in_and_other_sessions_end(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    other = data(await api.post("/auth/login", json=someone.person.credentials))

    data(await api.post(CHANGE, json=change(someone), headers=on_device(someone)))

    assert refusal(await api.get("/auth/user/current", headers=on_device(someone, other))) == (401, "SessionRevoked")
    assert data(await api.get("/auth/user/current", headers=on_device(someone)))["userId"] == someone.user["_id"]
    assert refusal(await api.post("/auth/login", json=someone.person.credentials)) == (401, "InvalidCredentials")
    assert data(await api.post("/auth/login", json={**someone.person.credentials, "password": NEW}))["access_token"]
    await mailbox.letter(someone.person.email, "password-changed")


async def test_current_session_still_refreshes(api: httpx.AsyncClient, someone: SignedIn) -> None:
    data(await api.post(CHANGE, json=change(someone), headers=on_device(someone)))

    body = {"session_token": someone.session["session_token"]}

    assert data(await api.post("/auth/session/refresh", json=body))["_id"] == someone.session["_id"]


async def test_wrong_old_password_changes_nothing(api: httpx.AsyncClient, someone: SignedIn) -> None:
    body = {**change(someone), "old_password": "not the pass phrase"}

    response = await api.post(CHANGE, json=body, headers=on_device(someone))

    assert refusal(response) == (401, "InvalidCredentials")
    assert data(await api.post("/auth/login", json=someone.person.credentials))["access_token"]


async def test_concurrent_changes_succeed_once(api: httpx.AsyncClient, someone: SignedIn) -> None:
    bodies = [change(someone, f"{NEW} {number}") for number in range(5)]

    answers = await asyncio.gather(*(api.post(CHANGE, json=body, headers=on_device(someone)) for body in bodies))

    assert sorted(answer.json().get("error", "") for answer in answers) == ["", *["InvalidCredentials"] * 4]
    assert data(await api.get("/auth/user/current", headers=on_device(someone)))["userId"] == someone.user["_id"]


async def test_session_that_ends_during_the_change_is_revoked(
    settings: Settings, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(settings) as here:
        client, hashed = here.client_anywhere(), PasswordHashing.hash
        token = {"session_token": someone.session["session_token"]}

        async def sign_out_before(hashing: PasswordHashing, password: str) -> str:
            data(await client.post("/auth/session/logout", json=token))
            return await hashed(hashing, password)

        monkeypatch.setattr(PasswordHashing, "hash", sign_out_before)
        response = await client.post(CHANGE, json=change(someone), headers=on_device(someone))

    assert refusal(response) == (401, "SessionRevoked")


@pytest.mark.parametrize("weak", ["short", "password123", "my decode phrase"])
async def test_weak_password_is_refused(api: httpx.AsyncClient, someone: SignedIn, weak: str) -> None:
    response = await api.post(CHANGE, json=change(someone, weak), headers=on_device(someone))

    assert refusal(response) == (422, "WeakPassword")


async def test_weak_password_is_refused_before_the_old_one_is_checked(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    body = {"old_password": "not the old one", "new_password": "short"}

    assert refusal(await api.post(CHANGE, json=body, headers=on_device(someone))) == (422, "WeakPassword")


async def test_old_password_without_the_second_factor_is_refused(api: httpx.AsyncClient, resources: Resources) -> None:
    someone, authenticator = await with_second_factor(api, resources)

    without = await api.post(CHANGE, json=change(someone), headers=on_device(someone))
    both = {**change(someone), "otp": await authenticator.next_otp()}

    assert refusal(without) == (403, "SecondFactorRequired")
    data(await api.post(CHANGE, json=both, headers=on_device(someone)))
