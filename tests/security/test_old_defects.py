"""Defects of the previous system that no other test covers. docs/defects.md has the whole list."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pyotp
import pytest
from bson import ObjectId

from adapters.mongo.auth.wallets import WalletStore
from adapters.resources import Resources
from config.settings import Settings
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, new_person
from tests.support.rate_limited_api import serving
from tests.support.signed_in import new_device, on_device, with_second_factor

STATUS = "/auth/2fa/status"
SETUP = "/auth/2fa/setup"
FRONTEND = "https://app.decode.test"


class Broken(WalletStore):
    """Fails as drivers do: with an address, a password and a statement in the message."""

    def __init__(self) -> None:
        pass

    async def find_user_with_wallets(self, user_id: str) -> Any:
        raise RuntimeError("E11000 duplicate key mongodb://root:hunter2@10.0.0.7/decode users.email_key")


@pytest.fixture
async def frontend(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that allows one other origin."""
    changed = settings.model_copy(update={"cors_origins": [FRONTEND]})
    async with serving(changed) as open_api, open_api.client_anywhere() as client:
        yield client


@pytest.mark.defect(16)
async def test_status_of_the_second_factor_shows_no_secret(api: httpx.AsyncClient, resources: Resources) -> None:
    someone, authenticator = await with_second_factor(api, resources)

    status = await api.get(STATUS, headers=on_device(someone))

    assert data(status).keys() == {"enabled", "enabled_at", "recovery_codes_left"}
    assert authenticator.secret not in status.text


@pytest.mark.defect(17)
async def test_secret_of_the_second_factor_is_stored_encrypted(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    secret = data(await api.post(SETUP, headers=on_device(someone)))["otp_secret"]

    stored = await resources.clients.database["otps"].find_one({"user_id": ObjectId(someone.user["_id"])})

    assert stored is not None
    assert secret not in str(stored)
    assert pyotp.TOTP(secret).byte_secret() not in stored["otp_secret"]["data"]


@pytest.mark.defect(34)
async def test_message_of_an_unexpected_error_is_not_in_the_response(settings: Settings, someone: SignedIn) -> None:
    async with serving(settings) as broken, broken.client_anywhere() as client:
        resources = broken.app.state.resources
        broken.app.state.resources = replace(resources, auth=replace(resources.auth, wallets=Broken()))
        response = await client.get("/users/profile/me", headers=someone.bearer)

    assert refusal(response) == (500, "InternalError")
    assert [word for word in ("E11000", "mongodb", "hunter2", "RuntimeError") if word in response.text] == []


@pytest.mark.defect(39)
async def test_preflight_of_an_allowed_origin_allows_its_headers_but_no_credentials(
    frontend: httpx.AsyncClient,
) -> None:
    asked = {
        "Origin": FRONTEND,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, x-fingerprint-hash, idempotency-key",
    }

    response = await frontend.options("/auth/session/revoke", headers=asked)

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == FRONTEND
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.defect(39)
async def test_other_origin_gets_no_cors_headers(frontend: httpx.AsyncClient) -> None:
    response = await frontend.get("/health", headers={"Origin": "https://attacker.example"})

    assert "access-control-allow-origin" not in response.headers


@pytest.mark.defect(74)
async def test_disabled_second_factor_can_be_set_up_again(api: httpx.AsyncClient, resources: Resources) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    otp = {"otp": await authenticator.next_otp()}
    data(await api.post("/auth/2fa/disable", json=otp, headers=on_device(someone)))

    body = {"current_password": someone.person.password}
    setup = data(await api.post(SETUP, json=body, headers=on_device(someone)))

    assert setup["otp_secret"] != authenticator.secret


@pytest.mark.defect(88)
async def test_session_of_a_verified_device_has_the_app_of_the_login(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    flow = data(await api.post("/auth/login", json=new_device(someone.person) | {"app": "desk"}), 202)
    code = await mailbox.code(someone.person.email, "fingerprint-verify")
    proof = {"flow_id": flow["flow_id"], "code": code}

    session = data(await api.post("/auth/login/fingerprint/email-verification", json=proof))

    assert session["app"] == "desk"


@pytest.mark.defect(89)
@pytest.mark.parametrize("local_part", ["plus+sign", "and&more", "per%cent", "question?mark", "hash#tag"])
async def test_email_address_with_a_url_symbol_signs_in(
    api: httpx.AsyncClient, resources: Resources, local_part: str
) -> None:
    name = new_person().username
    someone = await make_account(resources, new_person(username=name, email=f"{name}.{local_part}@people.test"))

    session = data(
        await api.post("/auth/login", json=someone.person.credentials | {"email_or_username": someone.person.email})
    )

    assert session["user_id"] == someone.user["_id"]


@pytest.mark.defect(31)
async def test_two_sessions_share_no_token(api: httpx.AsyncClient, someone: SignedIn) -> None:
    sessions = [data(await api.post("/auth/login", json=someone.person.credentials)) for _ in range(2)]

    assert sessions[0]["session_token"] != sessions[1]["session_token"]
    assert sessions[0]["access_token"] != sessions[1]["access_token"]


@pytest.mark.defect(97)
async def test_times_are_those_of_the_request_and_not_of_the_process(api: httpx.AsyncClient, someone: SignedIn) -> None:
    first, second = [data(await api.post("/auth/login", json=someone.person.credentials)) for _ in range(2)]

    assert someone.session["expires_at"] < first["expires_at"] < second["expires_at"]
    assert first["last_used_at"] < second["last_used_at"]
