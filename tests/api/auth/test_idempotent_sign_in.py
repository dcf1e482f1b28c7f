"""The Idempotency-Key of sign-ins: one key is one session or one flow, and another body is refused."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.signed_in import active

LOGIN = "/auth/login"
FORGOT = "/auth/password/forgot/initiate"
REUSED = (409, "IdempotencyKeyReused")


@pytest.mark.parametrize(
    "change", [{"app": "other"}, {"password": "wrong for once"}, {"email_or_username": "another_user"}]
)
async def test_login_key_with_another_body_is_refused(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str], change: dict[str, Any]
) -> None:
    data(await api.post(LOGIN, json=someone.person.credentials, headers=key))

    response = await api.post(LOGIN, json=someone.person.credentials | change, headers=key)

    assert refusal(response) == REUSED
    assert await active(api, someone) == 2


async def test_key_of_a_login_that_started_a_flow_opens_no_session(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    elsewhere = someone.person.credentials | {"fingerprint_hashed": "f" * 64}
    data(await api.post(LOGIN, json=elsewhere, headers=key), 202)

    assert refusal(await api.post(LOGIN, json=someone.person.credentials, headers=key)) == REUSED


async def test_concurrent_logins_with_one_key_are_one_session(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    answers = await asyncio.gather(*(api.post(LOGIN, json=someone.person.credentials, headers=key) for _ in range(6)))

    assert len({data(each)["session_token"] for each in answers}) == 1
    assert await active(api, someone) == 2


async def test_wrong_password_may_be_corrected_with_the_same_key(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    wrong = await api.post(LOGIN, json=someone.person.credentials | {"password": "wrong for once"}, headers=key)

    right = await api.post(LOGIN, json=someone.person.credentials, headers=key)

    assert refusal(wrong) == (401, "InvalidCredentials")
    assert data(right)["user_id"] == someone.user["_id"]


async def test_reset_key_with_another_name_is_refused(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    data(await api.post(FORGOT, json={"email_or_username": someone.person.username}, headers=key), 202)

    response = await api.post(FORGOT, json={"email_or_username": "another_user"}, headers=key)

    assert refusal(response) == REUSED
