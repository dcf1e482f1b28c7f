"""Errors that no other limit counts are counted for the client's network, those of ours included."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from config.rates import Rate
from config.settings import Settings
from tests.support.envelope import refusal
from tests.support.people import SignedIn, new_person
from tests.support.rate_limited_api import LimitedApi, serving

JSON = {"Content-Type": "application/json"}
STARTS = [
    "/auth/register/email-verification",
    "/auth/register/send-email-verification",
    "/auth/login/fingerprint/resend-email-verification",
    "/auth/password/forgot/initiate",
]


async def posted(client: httpx.AsyncClient, path: str, body: bytes, *, times: int) -> list[int]:
    """Statuses of the same request from one address."""
    return [(await client.post(path, content=body, headers=JSON)).status_code for _ in range(times)]


@pytest.fixture
async def limited(settings: Settings) -> AsyncIterator[LimitedApi]:
    """Three by the standard limit, four by the strict one."""
    async with serving(settings, std=Rate(3, 600), strict=Rate(4, 600)) as api:
        yield api


async def test_unknown_routes_and_wrong_methods_count(limited: LimitedApi) -> None:
    client = limited.client_anywhere()

    answers = [await client.get(path) for path in ("/nowhere", "/auth/login", "/nowhere", "/auth/login")]

    assert [answer.status_code for answer in answers] == [404, 405, 404, 429]


async def test_unreadable_bodies_count(limited: LimitedApi) -> None:
    answers = await posted(limited.client_anywhere(), "/auth/session/logout", b"{", times=4)

    assert answers == [422, 422, 422, 429]


async def test_unreadable_bodies_count_once_for_the_user(limited: LimitedApi, someone: SignedIn) -> None:
    headers = someone.bearer | JSON

    answers = [
        await limited.client_anywhere().put("/users/profile/bio", content=b"{", headers=headers) for _ in range(5)
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 429]


@pytest.mark.parametrize("body", [b"[" * 30_000, b'{"email":' * 7_000, b"{"], ids=["lists", "objects", "cut off"])
async def test_start_with_an_unreadable_body_counts(settings: Settings, body: bytes) -> None:
    async with serving(settings, start_address=Rate(6, 3600)) as api:
        answers = {path: await posted(api.client_anywhere(), path, body, times=8) for path in STARTS}

    assert answers == dict.fromkeys(STARTS, [422] * 6 + [429] * 2)


async def test_failures_of_ours_count(settings: Settings) -> None:
    """A sign-in counts wrong passwords alone: what else fails counts for the network."""
    async with serving(settings, std=Rate(3, 600)) as broken:
        client = broken.client_anywhere()
        broken.app.state.resources = replace(broken.app.state.resources, auth=None)
        answers = [await client.post("/auth/login", json=new_person().credentials) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [500, 500, 500, 429]


async def test_bodies_refused_by_their_headers_count(limited: LimitedApi) -> None:
    client = limited.client_anywhere()

    answers = [await client.post("/auth/login", content=b"{}") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [415, 415, 415, 429]


async def test_failure_that_cannot_be_counted_has_the_envelope(settings: Settings) -> None:
    async with serving(settings) as broken:
        broken.app.state.resources = replace(broken.app.state.resources, rate_limits=None)
        response = await broken.client_anywhere().get("/users/search/existing-username?username=free_name")

    assert refusal(response) == (500, "InternalError")
