"""The Idempotency-Key where no flow stores the answer: the same key, caller and body have one effect."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pyotp
import pytest
from bson import ObjectId

from adapters.resources import Resources
from api.openapi import PATH
from tests.support.accounts import make_account
from tests.support.envelope import Json, data, refusal
from tests.support.people import SignedIn
from tests.support.signed_in import active, on_device, with_second_factor

CREATE = "/auth/sso/create"
VALIDATE = "/auth/sso/validate"
SETUP = "/auth/2fa/setup"
ENABLE = "/auth/2fa/enable"
CODES = "/auth/2fa/recovery-codes"
DESK = {"app": "desk"}
REUSED = (409, "IdempotencyKeyReused")


CREATES_NOTHING = {
    "/auth/session/refresh",
    "/auth/session/logout",
    "/auth/session/validate-access",
    "/auth/session/revoke",
    "/auth/session/revoke-all",
    "/auth/fingerprints/revoke",
    "/auth/step-up",
    "/auth/2fa/disable",
    "/auth/password/change",
    "/auth/info/exist-by-email-or-username",
    "/notifications/{notification_id}/read",
    "/codec/decode",
    "/relationship/follow/following",
    "/relationship/block/blocking",
    "/relationship/status",
    "/relationship/interest/create",
    "/relationship/suggest/dismiss",
    "/roles/{role_id}/permissions",
    "/access/decide",
    "/assistant/chats/{chat_id}/reopen",
    "/assistant/turns/{turn_id}/stop",
    "/assistant/turns/{turn_id}/retry",
    "/assistant/approvals/{call_id}",
    "/assistant/tools/{name}/call",
    "/assistant/consent",
}
"""Idempotent without a key: what they end, prove or set is the same after a second call."""


@pytest.fixture
async def ready(api: httpx.AsyncClient, someone: SignedIn) -> tuple[SignedIn, pyotp.TOTP]:
    """An account that has set up a second factor and not enabled it, and its authenticator."""
    setup = data(await api.post(SETUP, headers=on_device(someone)))
    return someone, pyotp.TOTP(setup["otp_secret"])


async def sso_token(api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]) -> Json:
    created: Json = data(await api.post(CREATE, json=DESK, headers=on_device(someone) | key), 201)
    return created


def test_every_creating_route_accepts_a_key() -> None:
    paths = json.loads(PATH.read_text(encoding="utf-8"))["paths"]
    posts = {path: route["post"].get("parameters", []) for path, route in paths.items() if "post" in route}
    keyed = {path for path, parameters in posts.items() if "Idempotency-Key" in {each["name"] for each in parameters}}

    assert keyed == set(posts) - CREATES_NOTHING


async def test_repeated_sso_token_is_the_same_token(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    answers = await asyncio.gather(*(sso_token(api, someone, key) for _ in range(10)))

    assert len({each["sso_token"] for each in answers}) == 1
    assert await sso_token(api, someone, key) == answers[0]


async def test_sso_tokens_without_a_key_are_different(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert await sso_token(api, someone, {}) != await sso_token(api, someone, {})


async def test_used_sso_token_stays_used(api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]) -> None:
    token = (await sso_token(api, someone, key))["sso_token"]
    data(await api.post(VALIDATE, json=DESK | {"sso_token": token}))

    again = (await sso_token(api, someone, key))["sso_token"]

    assert again == token
    assert refusal(await api.post(VALIDATE, json=DESK | {"sso_token": again})) == (401, "SsoTokenInvalid")


async def test_sso_key_with_another_app_is_refused(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    await sso_token(api, someone, key)

    assert refusal(await api.post(CREATE, json={"app": "other"}, headers=on_device(someone) | key)) == REUSED


async def test_same_key_of_two_users_is_two_keys(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, key: dict[str, str]
) -> None:
    other = await make_account(resources)

    assert await sso_token(api, someone, key) != await sso_token(api, other, key)


async def test_key_is_forgotten_after_a_day(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, key: dict[str, str]
) -> None:
    await sso_token(api, someone, key)
    over = {"$set": {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}}
    request = resources.hashes.request_key(someone.user["_id"], f"POST {CREATE}", key["Idempotency-Key"])
    assert (await resources.clients.database["idempotency"].update_one({"_id": request}, over)).matched_count == 1

    response = await api.post(CREATE, json={"app": "other"}, headers=on_device(someone) | key)

    assert data(response, 201)["expires_in"] == 60


async def test_repeated_redemption_is_the_same_session(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    body = DESK | {"sso_token": (await sso_token(api, someone, {}))["sso_token"]}

    first, second = [data(await api.post(VALIDATE, json=body, headers=key)) for _ in range(2)]

    assert second["session_token"] == first["session_token"]
    assert await active(api, someone) == 2


async def test_concurrent_redemptions_with_one_key_are_one_session(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    body = DESK | {"sso_token": (await sso_token(api, someone, {}))["sso_token"]}

    answers = await asyncio.gather(*(api.post(VALIDATE, json=body, headers=key) for _ in range(10)))

    assert len({data(each)["session_token"] for each in answers}) == 1
    assert await active(api, someone) == 2


async def test_redemption_interrupted_before_its_session_continues_when_repeated(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, key: dict[str, str]
) -> None:
    body = DESK | {"sso_token": (await sso_token(api, someone, {}))["sso_token"]}
    first = data(await api.post(VALIDATE, json=body, headers=key))
    await resources.clients.database["sessions"].delete_one({"_id": ObjectId(first["_id"])})

    second = data(await api.post(VALIDATE, json=body, headers=key))

    assert second["session_token"] == first["session_token"]


async def test_redemption_key_with_another_token_is_refused_and_burns_none(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    first, second = [DESK | {"sso_token": (await sso_token(api, someone, {}))["sso_token"]} for _ in range(2)]
    data(await api.post(VALIDATE, json=first, headers=key))

    assert refusal(await api.post(VALIDATE, json=second, headers=key)) == REUSED
    assert data(await api.post(VALIDATE, json=second))["app"] == "desk"


async def test_repeated_setup_shows_the_same_secret(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    first, second = [data(await api.post(SETUP, headers=on_device(someone) | key)) for _ in range(2)]

    assert second == first
    otp = {"otp": pyotp.TOTP(second["otp_secret"]).now()}
    assert data(await api.post(ENABLE, json=otp, headers=on_device(someone)))["recovery_codes"]


async def test_setup_key_with_another_body_is_refused(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    data(await api.post(SETUP, headers=on_device(someone) | key))
    body = {"current_password": someone.person.password}

    assert refusal(await api.post(SETUP, json=body, headers=on_device(someone) | key)) == REUSED


async def test_repeated_enabling_shows_the_same_recovery_codes(
    api: httpx.AsyncClient, ready: tuple[SignedIn, pyotp.TOTP], key: dict[str, str]
) -> None:
    someone, app = ready
    body = {"otp": app.now()}

    answers = await asyncio.gather(*(api.post(ENABLE, json=body, headers=on_device(someone) | key) for _ in range(10)))

    shown = {tuple(data(each)["recovery_codes"]) for each in answers}
    assert len(shown) == 1
    status = data(await api.get("/auth/2fa/status", headers=on_device(someone)))
    assert status["recovery_codes_left"] == 10


async def test_refused_enabling_may_be_retried_with_the_same_key(
    api: httpx.AsyncClient, ready: tuple[SignedIn, pyotp.TOTP], key: dict[str, str]
) -> None:
    """A refusal has no effect, so no answer is stored."""
    someone, app = ready
    wrong = await api.post(ENABLE, json={"otp": app.at(0)}, headers=on_device(someone) | key)

    right = await api.post(ENABLE, json={"otp": app.now()}, headers=on_device(someone) | key)

    assert refusal(wrong) == (400, "WrongCode")
    assert len(data(right)["recovery_codes"]) == 10


async def test_repeated_request_for_codes_shows_the_same_and_they_work(
    api: httpx.AsyncClient, resources: Resources, key: dict[str, str]
) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    body = {"otp": await authenticator.next_otp()}

    first, second = [data(await api.post(CODES, json=body, headers=on_device(someone) | key)) for _ in range(2)]

    assert second == first
    proof = {"recovery_code": second["recovery_codes"][0]}
    assert data(await api.post("/auth/step-up", json=proof, headers=on_device(someone)))["stepped_up_until"]


async def test_stored_answer_is_encrypted(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, key: dict[str, str]
) -> None:
    setup = data(await api.post(SETUP, headers=on_device(someone) | key))
    request = resources.hashes.request_key(someone.user["_id"], f"POST {SETUP}", key["Idempotency-Key"])

    kept = await resources.clients.database["idempotency"].find_one({"_id": request})

    assert kept is not None
    assert setup["otp_secret"] not in str(kept)
    assert someone.user["_id"] not in str(kept)
    assert timedelta(hours=23) < kept["expires_at"] - datetime.now(UTC) <= timedelta(hours=24)


@pytest.mark.parametrize("path", [CREATE, SETUP, ENABLE, CODES])
async def test_malformed_key_is_refused(api: httpx.AsyncClient, someone: SignedIn, path: str) -> None:
    response = await api.post(path, json={}, headers=on_device(someone) | {"Idempotency-Key": "short"})

    assert refusal(response) == (422, "InvalidInput")
