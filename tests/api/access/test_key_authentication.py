"""What an API key opens, and what it does not: one answer for everything that is wrong with it."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId
from fastapi import Request

from adapters.resources import Resources
from api.access import key_usage
from api.access.key_authentication import KeyAuthenticator
from api.access.known import Known
from api.access.request_context import current_time
from api.access.request_limits import RequestLimits
from config.settings import Settings
from domain.auth.key_format import format_key
from domain.errors import NotAuthenticated
from domain.users.security_events import EventKind, SecurityEvent
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.api_keys import as_bearer, make_key, with_key
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.rate_limited_api import serving
from tests.support.signed_in import on_device

ME = "/users/profile/me"
NOT_A_KEY = (401, "NotAuthenticated")


async def get(api: httpx.AsyncClient, headers: dict[str, str], url: str = ME) -> tuple[int, str]:
    response = await api.get(url, headers=headers)
    return (200, "") if response.status_code == 200 else refusal(response)


async def test_both_headers_are_read_alike(api: httpx.AsyncClient, someone: SignedIn) -> None:
    _, secret = await make_key(api, someone)

    profiles = [data(await api.get(ME, headers=headers)) for headers in (with_key(secret), as_bearer(secret))]

    assert [profile["username"] for profile in profiles] == [someone.person.username] * 2


async def test_what_is_wrong_with_a_key_is_not_said(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    key, secret = await make_key(api, someone)
    _, foreign = await make_key(api, someone, networks=["203.0.113.0/24"])
    unknown = format_key("dk_test_" + "0" * 12, "0" * 43)
    guessed = format_key(key["prefix"], "0" * 43)
    access_token = someone.session["access_token"]
    wrong = [
        with_key(secret[:-1] + ("a" if secret[-1] != "a" else "b")),
        with_key(unknown),
        with_key(guessed),
        with_key(foreign),
        with_key(secret) | as_bearer(secret),
        with_key(secret) | someone.bearer,
        with_key(access_token),
        with_key(""),
        as_bearer("dk_"),
    ]

    assert [await get(api, headers) for headers in wrong] == [NOT_A_KEY] * len(wrong)


async def test_key_in_the_query_string_is_not_read(api: httpx.AsyncClient, someone: SignedIn) -> None:
    _, secret = await make_key(api, someone)

    answers = [await get(api, {}, f"{ME}?{name}={secret}") for name in ("api_key", "key", "access_token", "X-API-Key")]

    assert answers == [NOT_A_KEY] * 4


async def test_repeated_header_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    _, secret = await make_key(api, someone)

    answer = await api.get(ME, headers=[("X-API-Key", secret), ("X-API-Key", secret)])

    assert refusal(answer) == NOT_A_KEY


async def test_key_without_the_scope_is_refused_by_name(api: httpx.AsyncClient, someone: SignedIn) -> None:
    _, secret = await make_key(api, someone, ["profile:read"])

    assert await get(api, with_key(secret), "/notifications") == (403, "ScopeMissing")


@pytest.mark.parametrize(
    "route",
    ["GET /auth/session/active", "GET /api-keys", "POST /api-keys", "POST /auth/step-up", "POST /notifications/ticket"],
)
async def test_key_opens_no_route_that_is_not_for_keys(api: httpx.AsyncClient, someone: SignedIn, route: str) -> None:
    _, secret = await make_key(api, someone)
    method, url = route.split(" ")
    headers = with_key(secret) | {"X-Fingerprint-Hash": someone.person.fingerprint}

    answer = await api.request(method, url, headers=headers, json={} if method == "POST" else None)

    assert refusal(answer) == (403, "KeyNotAllowed")


async def test_right_that_the_owner_has_lost_is_lost_in_the_key(
    api: httpx.AsyncClient, resources: Resources, change_user: ChangeUser
) -> None:
    admin, other_admin = await make_account(resources), await make_account(resources)
    await change_user(admin.user["_id"], {"role": "admin"})
    await change_user(other_admin.user["_id"], {"role": "admin"})
    _, secret = await make_key(api, admin, ["keys:read"])
    url = f"/users/{other_admin.user['_id']}/api-keys"
    assert await get(api, with_key(secret), url) == (200, "")

    body = {"user_id": admin.user["_id"], "role": "user"}
    assert (await api.put("/users/profile/role", json=body, headers=other_admin.bearer)).status_code == 200

    assert await get(api, with_key(secret), url) == (403, "Forbidden")


async def test_key_ends_with_the_account(api: httpx.AsyncClient, someone: SignedIn) -> None:
    _, secret = await make_key(api, someone)
    assert await get(api, with_key(secret)) == (200, "")

    await api.patch("/users/account/deactivate", json={}, headers=on_device(someone))

    async def is_refused() -> bool:
        return await get(api, with_key(secret)) == NOT_A_KEY

    await eventually(is_refused, within=1)


async def test_key_shows_what_it_may_do_now(
    api: httpx.AsyncClient, resources: Resources, change_user: ChangeUser
) -> None:
    owner = await make_account(resources)
    await change_user(owner.user["_id"], {"role": "admin"})
    key, secret = await make_key(api, owner, ["profile:read", "audit:read"])
    before = data(await api.get("/api-keys/self", headers=with_key(secret)))
    await resources.clients.database["users"].update_one(
        {"_id": ObjectId(owner.user["_id"])}, {"$set": {"role": "user"}}
    )
    await resources.auth.session_invalidations.publish_account_changed(owner.user["_id"])

    async def narrowed() -> bool:
        shown = data(await api.get("/api-keys/self", headers=with_key(secret)))
        return bool(shown["permissions"] == ["profile:read"])

    assert (before["key"]["_id"], before["permissions"]) == (key["_id"], ["audit:read", "profile:read"])
    await eventually(narrowed, within=1)


async def test_access_token_is_no_key(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert await get(api, someone.bearer, "/api-keys/self") == NOT_A_KEY


async def test_revocation_reaches_another_process_within_a_second(
    api: httpx.AsyncClient, settings: Settings, someone: SignedIn
) -> None:
    async with serving(settings) as limited, limited.client_anywhere() as elsewhere:
        key, secret = await make_key(api, someone)
        assert await get(elsewhere, with_key(secret)) == (200, "")

        await api.delete(f"/api-keys/{key['_id']}", headers=on_device(someone))

        async def is_refused() -> bool:
            return await get(elsewhere, with_key(secret)) == NOT_A_KEY

        await eventually(is_refused, within=1)


async def test_new_secret_works_at_once_where_the_key_is_known_as_it_was(
    api: httpx.AsyncClient, resources: Resources, settings: Settings, someone: SignedIn
) -> None:
    """Without the hint of a rotation, as while Redis is away."""
    key, first = await make_key(api, someone)
    secrets, now = resources.auth.api_key_secrets, current_time()
    second = secrets.new_key(key["prefix"], "another request")
    event = SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], EventKind.API_KEY_ROTATED, now)
    async with serving(settings) as limited, limited.client_anywhere() as client:
        known = await get(client, with_key(first))
        await resources.auth.api_keys.rotate(
            key["_id"], secrets.stored_hash(second), timedelta(0), event, lambda _: None
        )
        answers = [await get(client, with_key(text)) for text in (second, first)]

    assert [known, *answers] == [(200, ""), (200, ""), NOT_A_KEY]


async def test_revoked_key_is_refused_within_ten_seconds_without_a_hint(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    """As while Redis is away: this process hears nothing of the revocation, which reaches the store by another."""
    key, secret = await make_key(api, someone)
    seconds, now = [0.0], current_time()
    auth = resources.auth
    authenticator = KeyAuthenticator(auth.api_key_secrets, auth.api_keys, Known(lambda: seconds[0]))
    request = Request({"type": "http", "client": ("192.0.2.1", 50_000), "headers": []})
    limits = RequestLimits(request, resources.rate_limits, resources.policies, resources.hashes)
    assert (await authenticator.authenticate(secret, limits, now)).key.key_id == key["_id"]

    await api.delete(f"/api-keys/{key['_id']}", headers=on_device(someone))

    seconds[0] = 8.9
    assert (await authenticator.authenticate(secret, limits, now)).key.key_id == key["_id"]
    seconds[0] = 9.0
    with pytest.raises(NotAuthenticated):
        await authenticator.authenticate(secret, limits, now)


async def test_limit_of_a_key_is_exact_told_in_the_headers_and_never_a_401(
    api: httpx.AsyncClient, settings: Settings, someone: SignedIn
) -> None:
    _, secret = await make_key(api, someone, limit={"count": 3, "seconds": 60})
    async with serving(settings) as limited, limited.client_anywhere() as client:
        answers = await asyncio.gather(*[client.get(ME, headers=with_key(secret)) for _ in range(8)])
        shown = await client.get(ME, headers=someone.bearer)

    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [429] * 5
    assert {answer.headers["RateLimit-Limit"] for answer in answers} == {"3"}
    assert shown.status_code == 200


async def test_unknown_keys_are_counted_by_network_and_then_not_looked_up(
    api: httpx.AsyncClient, settings: Settings, someone: SignedIn
) -> None:
    _, secret = await make_key(api, someone)
    async with serving(settings) as limited, limited.client_anywhere() as client:
        guesses = [with_key(format_key("dk_test_" + "0" * 12, f"{number:043}")) for number in range(21)]
        answers = [await get(client, guess) for guess in guesses]
        right = await get(client, with_key(secret))
        async with limited.client_anywhere() as other:
            elsewhere = await get(other, with_key(secret))

    assert answers == [NOT_A_KEY] * 20 + [(429, "RateLimited")]
    assert (right, elsewhere) == ((429, "RateLimited"), (200, ""))


async def test_typos_are_not_counted_and_cost_no_look_up(settings: Settings) -> None:
    typo = with_key("dk_test_" + "0" * 12 + "_" + "0" * 49)
    async with serving(settings) as limited, limited.client_anywhere() as client:
        answers = {await get(client, typo) for _ in range(25)}

    assert answers == {NOT_A_KEY}


async def test_network_is_that_of_the_client(api: httpx.AsyncClient, settings: Settings, someone: SignedIn) -> None:
    _, secret = await make_key(api, someone, networks=["203.0.113.0/24"])
    async with (
        serving(settings) as limited,
        limited.client_at("203.0.113.7") as inside,
        limited.client_at("198.51.100.7") as outside,
    ):
        answers = [await get(client, with_key(secret)) for client in (inside, outside)]

    assert answers == [(200, ""), NOT_A_KEY]


async def test_use_is_counted_by_day_with_routes_and_refusals(
    api: httpx.AsyncClient, settings: Settings, someone: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_usage, "WRITE_SECONDS", 600)
    key, secret = await make_key(api, someone, ["profile:read"])
    async with serving(settings) as limited, limited.client_at("203.0.113.7") as client:
        await get(client, with_key(secret))
        await get(client, with_key(secret), "/notifications")
        unwritten = data(await api.get(f"/api-keys/{key['_id']}/usage", headers=someone.bearer))["days"]

    (day,) = data(await api.get(f"/api-keys/{key['_id']}/usage", headers=someone.bearer))["days"]
    shown = data(await api.get(f"/api-keys/{key['_id']}", headers=someone.bearer))
    assert unwritten == []
    assert (day["calls"], day["refusals"], day["routes"]) == (2, 1, ["GET /notifications", f"GET {ME}"])
    assert shown["last_used_network"] == "203.0.113.0/24"
    assert datetime.now(UTC) - datetime.fromisoformat(shown["last_used_at"]) < timedelta(minutes=1)


async def test_no_log_line_has_a_key(
    api: httpx.AsyncClient,
    settings: Settings,
    someone: SignedIn,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "decode")
    _, secret = await make_key(api, someone)
    async with serving(settings) as limited, limited.client_anywhere() as client:
        await get(client, with_key(secret))
        await get(client, as_bearer(secret + "x"))
        await get(client, {}, f"{ME}?api_key={secret}")
        await client.post("/api-keys", json={"name": secret}, headers=with_key(secret))

    out, err = capfd.readouterr()
    assert '"route": "/users/profile/me"' in err
    assert secret not in out + err + caplog.text
