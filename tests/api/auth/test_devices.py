"""Active sessions, trusted devices, and the answers to requests from another device."""

import asyncio
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import on_device

ACTIVE = "/auth/session/active"
DEVICES = "/auth/fingerprints"
ME = "/auth/user/current"


@pytest.fixture
async def stranger(resources: Resources) -> SignedIn:
    return await make_account(resources)


async def login(api: httpx.AsyncClient, someone: SignedIn) -> dict[str, Any]:
    session: dict[str, Any] = data(await api.post("/auth/login", json=someone.person.credentials))
    return session


@pytest.mark.parametrize("fingerprint", [{}, {"X-Fingerprint-Hash": "f" * 64}], ids=["none", "another"])
async def test_other_device_is_not_trusted(
    api: httpx.AsyncClient, someone: SignedIn, fingerprint: dict[str, str]
) -> None:
    response = await api.get(ACTIVE, headers={**someone.bearer, **fingerprint})

    assert refusal(response) == (403, "DeviceNotTrusted")


@pytest.mark.parametrize(
    "name",
    ["X-Fingerprint-Hash", "fingerprint-hash", "fingerprint", "x-fingerprint-hashed", "fingerprint-hashed"],
)
async def test_each_fingerprint_header_is_accepted(api: httpx.AsyncClient, someone: SignedIn, name: str) -> None:
    response = await api.get(ACTIVE, headers={**someone.bearer, name: someone.person.fingerprint})

    assert len(data(response)["sessions"]) == 1


@pytest.mark.defect(3)
async def test_sessions_are_listed_newest_first_without_tokens(api: httpx.AsyncClient, someone: SignedIn) -> None:
    newest = await login(api, someone)

    sessions = data(await api.get(ACTIVE, headers=on_device(someone)))["sessions"]

    assert [each["_id"] for each in sessions] == [newest["_id"], someone.session["_id"]]
    assert [each["current"] for each in sessions] == [False, True]
    assert sessions[0]["device"]["browser"] == "Firefox 145"
    assert not {"session_token", "access_token"} & set(sessions[0])


@pytest.mark.defect(99)
async def test_twenty_first_session_ends_the_oldest(api: httpx.AsyncClient, someone: SignedIn) -> None:
    newest = [await login(api, someone) for _ in range(20)][-1]

    sessions = data(await api.get(ACTIVE, headers=on_device(someone, newest)))["sessions"]

    assert len(sessions) == 20
    assert someone.session["_id"] not in [each["_id"] for each in sessions]


async def test_revoked_session_is_refused_at_once(api: httpx.AsyncClient, someone: SignedIn) -> None:
    other = await login(api, someone)
    data(await api.get(ME, headers=on_device(someone, other)))

    data(await api.post("/auth/session/revoke", json={"session_id": other["_id"]}, headers=on_device(someone)))

    assert refusal(await api.get(ME, headers=on_device(someone, other))) == (401, "SessionRevoked")
    assert data(await api.get(ME, headers=on_device(someone)))["userId"] == someone.user["_id"]


@pytest.mark.defect(2)
async def test_session_of_another_account_is_not_found(
    api: httpx.AsyncClient, someone: SignedIn, stranger: SignedIn
) -> None:
    body = {"session_id": stranger.session["_id"]}

    response = await api.post("/auth/session/revoke", json=body, headers=on_device(someone))

    assert refusal(response) == (404, "SessionNotFound")
    assert data(await api.get(ME, headers=on_device(stranger)))["userId"] == stranger.user["_id"]


@pytest.mark.defect(75)
async def test_revoke_all_keeps_the_current_session(api: httpx.AsyncClient, someone: SignedIn) -> None:
    other = await login(api, someone)

    revoked = data(await api.post("/auth/session/revoke-all", headers=on_device(someone)))

    assert revoked == {"revoked": 1}
    assert refusal(await api.get(ME, headers=on_device(someone, other))) == (401, "SessionRevoked")
    assert data(await api.get(ME, headers=on_device(someone)))["userId"] == someone.user["_id"]


async def test_revoke_all_with_keep_current_false_ends_the_current_session(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    body = {"keep_current": False}

    revoked = data(await api.post("/auth/session/revoke-all", json=body, headers=on_device(someone)))

    assert revoked == {"revoked": 1}
    assert refusal(await api.get(ME, headers=on_device(someone))) == (401, "SessionRevoked")


@pytest.mark.defect(7)
async def test_revoked_device_is_untrusted_and_its_sessions_end(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    device = data(await api.get(DEVICES, headers=on_device(someone)))["devices"][0]
    assert (device["current"], device["is_trusted"], len(device["sessions"])) == (True, True, 1)
    body = {"device_fingerprint_id": device["_id"], "current_password": someone.person.password}

    data(await api.post(f"{DEVICES}/revoke", json=body, headers=on_device(someone)))

    assert refusal(await api.get(ME, headers=on_device(someone))) == (401, "SessionRevoked")
    assert data(await api.post("/auth/login", json=someone.person.credentials), 202)["next"] == "device_code"
    await mailbox.letter(someone.person.email, "device-changed")


async def test_device_of_another_account_is_not_found(
    api: httpx.AsyncClient, someone: SignedIn, stranger: SignedIn
) -> None:
    device = data(await api.get(DEVICES, headers=on_device(stranger)))["devices"][0]

    response = await api.post(
        f"{DEVICES}/revoke", json={"device_fingerprint_id": device["_id"]}, headers=on_device(someone)
    )

    assert refusal(response) == (404, "DeviceNotFound")


async def test_stolen_session_token_ends_the_session_and_warns_its_owner(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    stolen = {"session_token": someone.session["session_token"]}
    first = data(await api.post("/auth/session/refresh", json=stolen))
    second = data(await api.post("/auth/session/refresh", json={"session_token": first["session_token"]}))

    response = await api.post("/auth/session/refresh", json=stolen)

    assert refusal(response) == (401, "SessionReused")
    assert refusal(await api.get(ME, headers=on_device(someone, second))) == (401, "SessionRevoked")
    await mailbox.letter(someone.person.email, "session-reuse-warning")


@pytest.mark.defect(76)
async def test_access_token_is_validated_with_its_claims(api: httpx.AsyncClient, someone: SignedIn) -> None:
    body = {"access_token": someone.session["access_token"]}

    claims = data(await api.post("/auth/session/validate-access", json=body))

    assert (claims["sub"], claims["session_id"]) == (someone.user["_id"], someone.session["_id"])
    assert claims["amr"] == ["pwd"]


async def test_garbage_is_no_access_token(api: httpx.AsyncClient) -> None:
    response = await api.post("/auth/session/validate-access", json={"access_token": "garbage"})

    assert refusal(response) == (401, "NotAuthenticated")


async def test_new_generation_is_confirmed_at_its_first_use_in_a_cached_session(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    data(await api.get(ME, headers=on_device(someone)))
    refreshed = data(await api.post("/auth/session/refresh", json={"session_token": someone.session["session_token"]}))

    answers = await asyncio.gather(*(api.get(ME, headers=on_device(someone, refreshed)) for _ in range(3)))

    assert {answer.status_code for answer in answers} == {200}


async def test_ended_session_is_refused_within_a_second_where_it_is_cached(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    data(await api.get(ME, headers=on_device(someone)))
    data(await api.post("/auth/session/logout", json={"session_token": someone.session["session_token"]}))

    async def refused() -> bool:
        return (await api.get(ME, headers=on_device(someone))).status_code == 401

    assert await eventually(refused, within=1)
