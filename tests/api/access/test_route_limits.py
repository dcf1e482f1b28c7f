"""Rate limits over HTTP: which requests count, by user, network or target, and the headers of the responses."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from adapters.resources import Resources
from api.__main__ import server_config
from api.access import route_limits as limits
from api.access.request_limits import RequestLimits
from api.app import ROUTERS
from config.rates import Rate
from config.settings import Settings
from tests.support.accounts import make_account
from tests.support.envelope import refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, new_person
from tests.support.rate_limited_api import LimitedApi, new_address, serving

THREE, FOUR, FIVE = Rate(3, 600), Rate(4, 600), Rate(5, 600)
LIMITED = (429, "RateLimited")
NAME = "/users/search/existing-username?username=free_name"
EXIST = "/auth/info/exist-by-email-or-username"
FORGOT = "/auth/password/forgot/initiate"


@pytest.fixture
async def limited(settings: Settings) -> AsyncIterator[LimitedApi]:
    """Per 600 s: three by the standard limit, four by the strict one; starts: two per target, five per address."""
    limits = {"std": THREE, "strict": FOUR, "start_target": Rate(2, 600), "start_address": FIVE}
    async with serving(settings, **limits) as api:
        yield api


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or secrets.token_hex(8)}


async def statuses(
    client: httpx.AsyncClient, path: str, times: int, headers: dict[str, str] | None = None
) -> list[int]:
    return [(await client.get(path, headers=headers)).status_code for _ in range(times)]


def dependencies_of(dependant: Dependant) -> set[object]:
    """Return the callables of all dependencies of a route, at any depth."""
    found: set[object] = {dependant.call}
    return found.union(*map(dependencies_of, dependant.dependencies))


ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


@pytest.mark.defect(37)
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_route_names_one_limit(route: APIRoute) -> None:
    known = {dependency.dependency for dependency in limits.ALL_LIMITS}

    assert len(known & dependencies_of(route.dependant)) == 1


async def test_address_is_limited_and_the_headers_say_so(limited: LimitedApi) -> None:
    client = limited.client_anywhere()

    answers = [await client.get(NAME) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["3", "2", "1", "0", "0"]
    assert [answer.headers["X-RateLimit-Limit"] for answer in answers] == ["4"] * 5
    assert refusal(answers[-1]) == LIMITED
    assert 590 <= int(answers[-1].headers["Retry-After"]) <= 600
    assert answers[-1].headers["RateLimit-Reset"] == answers[-1].headers["Retry-After"]


async def test_two_networks_are_two_buckets(limited: LimitedApi) -> None:
    await statuses(limited.client_anywhere(), NAME, 5)

    assert await statuses(limited.client_anywhere(), NAME, 1) == [200]


async def test_addresses_of_one_network_share_a_bucket(limited: LimitedApi) -> None:
    await statuses(limited.client_at("2001:db8:77:77::1"), NAME, 5)

    assert await statuses(limited.client_at("2001:db8:77:77:1:2:3:4"), NAME, 1) == [429]


async def test_user_is_limited_across_networks(limited: LimitedApi, someone: SignedIn) -> None:
    """Each request comes from another network."""
    me = "/auth/user/current"

    answers = [await statuses(limited.client_anywhere(), me, 1, headers=someone.bearer) for _ in range(4)]

    assert answers == [[200], [200], [200], [429]]


async def test_profile_counts_for_the_user_or_for_the_network(limited: LimitedApi, someone: SignedIn) -> None:
    client, path = limited.client_anywhere(), f"/users/profile/{someone.user['_id']}"

    assert await statuses(client, path, 4) == [200, 200, 200, 429]
    assert await statuses(client, path, 4, headers=someone.bearer) == [200, 200, 200, 429]


async def test_changing_a_profile_has_the_strict_limit_of_the_user(limited: LimitedApi, someone: SignedIn) -> None:
    answers = [
        await limited.client_anywhere().put("/users/profile/bio", json={"bio": "x"}, headers=someone.bearer)
        for _ in range(5)
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]


@pytest.mark.defect(32)
async def test_users_in_one_network_have_separate_buckets(
    limited: LimitedApi, someone: SignedIn, resources: Resources
) -> None:
    client, another = limited.client_anywhere(), await make_account(resources)
    await statuses(client, "/auth/user/current", 4, headers=someone.bearer)

    assert await statuses(client, "/auth/user/current", 1, headers=another.bearer) == [200]


async def test_bad_tokens_count_for_their_network(limited: LimitedApi) -> None:
    bad = {"Authorization": "Bearer nonsense"}

    assert await statuses(limited.client_anywhere(), "/auth/user/current", 4, headers=bad) == [401, 401, 401, 429]


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/.well-known/jwks.json"])
async def test_monitoring_routes_are_not_limited(limited: LimitedApi, path: str) -> None:
    client = limited.client_anywhere()

    answers = [await client.get(path) for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Limit" not in answers[-1].headers


async def test_repeat_with_the_same_key_is_not_counted(limited: LimitedApi) -> None:
    client, same, body = limited.client_anywhere(), keyed(), {"email_or_username": new_person().username}

    answers = [(await client.post(FORGOT, json=body, headers=same)).status_code for _ in range(4)]

    assert answers[:3] == [202, 202, 202]
    assert (await client.post(FORGOT, json=body, headers=keyed())).status_code == 202
    assert refusal(await client.post(FORGOT, json=body, headers=keyed())) == LIMITED


async def test_same_key_with_another_body_is_counted(limited: LimitedApi) -> None:
    client, same = limited.client_anywhere(), keyed()

    answers = [await client.post(EXIST, json={"email_or_username": f"name_{n}"}, headers=same) for n in range(5)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]


async def test_repeats_have_a_separate_limit(limited: LimitedApi) -> None:
    client, same, body = limited.client_anywhere(), keyed(), {"email_or_username": "free_name"}

    answers = [(await client.post(EXIST, json=body, headers=same)).status_code for _ in range(5)]

    assert answers == [200, 200, 200, 200, 429]


@pytest.mark.parametrize("is_known", [True, False])
async def test_known_and_unknown_targets_are_limited(limited: LimitedApi, someone: SignedIn, is_known: bool) -> None:
    client, name = limited.client_anywhere(), someone.person.username if is_known else new_person().username
    spellings = [name, name.upper(), name]

    answers = [(await client.post(FORGOT, json={"email_or_username": typed})).status_code for typed in spellings]

    assert answers == [202, 202, 429]


async def test_all_targets_of_a_network_share_a_limit(limited: LimitedApi) -> None:
    client = limited.client_anywhere()

    answers = [await client.post(FORGOT, json={"email_or_username": new_person().username}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 202, 202, 429]


async def test_fourth_open_registration_of_a_network_is_refused(limited: LimitedApi) -> None:
    client, asked = limited.client_anywhere(), "/auth/register/email-verification"
    answers = [await client.post(asked, json=new_person().application) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert refusal(answers[-1]) == LIMITED
    assert answers[-1].headers["Retry-After"] == "60"


async def test_completed_registration_frees_its_place(limited: LimitedApi, mailbox: Mailbox) -> None:
    client, asked, first = limited.client_anywhere(), "/auth/register/email-verification", new_person()
    people = [first, new_person(), new_person()]
    flows = [(await client.post(asked, json=person.application)).json()["data"]["flow_id"] for person in people]
    code = await mailbox.code(first.email, "create-account")
    proof = {"flow_id": flows[0], "code": code, **first.device}
    assert (await client.post("/auth/register/verify-email", json=proof)).status_code == 201

    assert (await client.post(asked, json=new_person().application)).status_code == 202


async def test_hundred_concurrent_requests_count_exactly(limited: LimitedApi) -> None:
    client = limited.client_anywhere()

    answers = await asyncio.gather(*(client.get(NAME) for _ in range(100)))

    assert sum(answer.status_code == 200 for answer in answers) == 4


@pytest.mark.defect(33)
async def test_limit_holds_while_redis_is_unavailable(settings: Settings) -> None:
    without_redis = settings.model_copy(update={"redis_url": type(settings.redis_url)("redis://:x@127.0.0.1:1/0")})
    async with serving(without_redis, std=THREE) as alone:
        found = await statuses(alone.client_anywhere(), "/flows/r" + "x" * 32, 5)

    assert found == [404, 404, 404, 429, 429]


async def test_nothing_is_limited_when_limits_are_off(api: httpx.AsyncClient) -> None:
    answers = [await api.get(NAME) for _ in range(25)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Limit" not in answers[-1].headers


def test_nothing_is_hashed_when_limits_are_off(resources: Resources) -> None:
    request = Request({"type": "http", "client": ("192.0.2.1", 50_000), "headers": []})
    limits = RequestLimits(request, resources.rate_limits, resources.policies, resources.hashes)

    assert limits.network_bucket(resources.policies.std).key == limits.address_key == ""


async def test_bucket_names_hold_no_personal_data(limited: LimitedApi, resources: Resources) -> None:
    person, address = new_person(), new_address()
    await limited.client_at(address).post(FORGOT, json={"email_or_username": person.email})

    names = [name async for name in resources.clients.redis.scan_iter("rate_limit:*")]

    assert [name for name in names if person.email in name or address[:19] in name] == []


@pytest.mark.defect(32)
@pytest.mark.parametrize(("proxies", "last"), [((), 429), (("192.0.2.0/24",), 404), (("198.51.100.1",), 429)])
async def test_forwarded_address_counts_only_from_our_proxies(
    settings: Settings, proxies: tuple[str, ...], last: int
) -> None:
    """Each request names another client behind one proxy."""
    small = {"rate_limits": "on", "limit_std": THREE, "trusted_proxies": proxies}
    config = server_config(settings.model_copy(update=small))
    config.load()
    app = config.app
    assert isinstance(app, FastAPI)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(config.loaded_app, client=("192.0.2.9", 50_000))
        client = httpx.AsyncClient(transport=transport, base_url="http://limits.test")
        headers = [{"X-Forwarded-For": new_address()} for _ in range(4)]
        found = [(await client.get("/nowhere", headers=header)).status_code for header in headers]

    assert found[-1] == last
