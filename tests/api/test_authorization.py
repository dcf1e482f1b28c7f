"""Every route, requested by every kind of caller: a table of levels, a table of answers, and no route outside them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from bson import ObjectId
from fastapi.routing import APIRoute

from adapters.resources import Resources
from api.app import ROUTERS
from tests.api.access_levels import BODIES, LEVELS, PLACES, Level
from tests.support.accounts import make_account
from tests.support.envelope import Json, data, refusal
from tests.support.people import SignedIn
from tests.support.signed_in import forget_step_up, on_device

ME = "/users/profile/me"

IN = None
"""Admitted: the route answers with none of the refusals below."""
NO_TOKEN, REVOKED, EXPIRED = (401, "NotAuthenticated"), (401, "SessionRevoked"), (401, "SessionExpired")
OTHER_DEVICE, NO_PROOF, NOT_ADMIN = (403, "DeviceNotTrusted"), (403, "StepUpRequired"), (403, "Forbidden")
GATES = {NO_TOKEN, REVOKED, EXPIRED, OTHER_DEVICE, NO_PROOF, NOT_ADMIN}

Refusal = tuple[int, str] | None
Headers = dict[str, str]
Asker = Callable[[Resources, SignedIn], Awaitable[Headers]]


async def anonymous(resources: Resources, someone: SignedIn) -> Headers:
    return {}


async def on_their_device(resources: Resources, someone: SignedIn) -> Headers:
    return on_device(someone)


async def without_device(resources: Resources, someone: SignedIn) -> Headers:
    return someone.bearer


async def on_unknown_device(resources: Resources, someone: SignedIn) -> Headers:
    return someone.bearer | {"X-Fingerprint-Hash": "f" * 64}


async def on_somebody_elses_device(resources: Resources, someone: SignedIn) -> Headers:
    other = await make_account(resources)
    return someone.bearer | {"X-Fingerprint-Hash": other.person.fingerprint}


async def on_a_device_no_longer_trusted(resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "device_fingerprints", someone.session["device_fingerprint_id"], {"is_trusted": False})
    return on_device(someone)


async def with_a_revoked_session(resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "sessions", someone.session["_id"], {"is_active": False})
    return on_device(someone)


async def with_an_expired_session(resources: Resources, someone: SignedIn) -> Headers:
    over = datetime.now(UTC) - timedelta(seconds=1)
    await change(resources, "sessions", someone.session["_id"], {"expires_at": over})
    return on_device(someone)


async def after_the_end_of_all_sessions(resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "users", someone.user["_id"], {"session_epoch": 1})
    return on_device(someone)


async def deactivated(resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "users", someone.user["_id"], {"is_active": False})
    return on_device(someone)


async def long_after_the_last_proof(resources: Resources, someone: SignedIn) -> Headers:
    await forget_step_up(resources, someone.session["_id"])
    return on_device(someone)


async def as_admin(resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "users", someone.user["_id"], {"role": "admin"})
    return on_device(someone)


async def as_admin_without_device(resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "users", someone.user["_id"], {"role": "admin"})
    return someone.bearer


async def change(resources: Resources, collection: str, which: str, fields: Json) -> None:
    """Set fields in the store directly, so that only the access rules detect the change."""
    found = await resources.clients.database[collection].update_one({"_id": ObjectId(which)}, {"$set": fields})
    assert found.matched_count == 1


def answers(token: Refusal, device: Refusal, step_up: Refusal, admin: Refusal) -> Mapping[Level, Refusal]:
    """Return the refusals by level. Public routes admit every caller; operators have separate tokens."""
    return {
        Level.PUBLIC: IN,
        Level.EITHER: IN if token is NO_TOKEN else token,
        Level.KEY: token or NO_TOKEN,
        Level.TOKEN: token,
        Level.DEVICE: device,
        Level.STEP_UP: step_up,
        Level.ADMIN: admin,
        Level.ADMIN_STEP_UP: device or admin,
        Level.OPERATOR: NO_TOKEN,
    }


ANSWERS: Mapping[Asker, Mapping[Level, Refusal]] = {
    anonymous: answers(NO_TOKEN, NO_TOKEN, NO_TOKEN, NO_TOKEN),
    on_their_device: answers(IN, IN, IN, NOT_ADMIN),
    without_device: answers(IN, OTHER_DEVICE, OTHER_DEVICE, NOT_ADMIN),
    on_unknown_device: answers(IN, OTHER_DEVICE, OTHER_DEVICE, NOT_ADMIN),
    on_somebody_elses_device: answers(IN, OTHER_DEVICE, OTHER_DEVICE, NOT_ADMIN),
    on_a_device_no_longer_trusted: answers(IN, OTHER_DEVICE, OTHER_DEVICE, NOT_ADMIN),
    with_a_revoked_session: answers(REVOKED, REVOKED, REVOKED, REVOKED),
    with_an_expired_session: answers(EXPIRED, EXPIRED, EXPIRED, EXPIRED),
    after_the_end_of_all_sessions: answers(REVOKED, REVOKED, REVOKED, REVOKED),
    deactivated: answers(REVOKED, REVOKED, REVOKED, REVOKED),
    long_after_the_last_proof: answers(IN, IN, NO_PROOF, NOT_ADMIN),
    as_admin: answers(IN, IN, IN, IN),
    as_admin_without_device: answers(IN, OTHER_DEVICE, OTHER_DEVICE, IN),
}


async def ask(
    api: httpx.AsyncClient,
    route: str,
    headers: Headers,
    body: Json | None = None,
    content: bytes | None = None,
    **query: str,
) -> httpx.Response:
    method, path = route.split(" ")
    has_body = method in ("POST", "PUT", "PATCH") and content is None
    sent = (BODIES.get(route, {}) if body is None else body) if has_body else None
    for name, value in PLACES.items():
        path = path.replace(name, value)
    return await api.request(method, path, headers=headers, json=sent, content=content, params=query)


def gate(response: httpx.Response) -> Refusal:
    """Return the refusal of an access rule; None for any other answer."""
    error = response.json().get("error")
    return (response.status_code, error) if (response.status_code, error) in GATES else IN


@pytest.mark.defect(4, 5)
def test_every_route_is_in_the_table_and_nothing_else() -> None:
    """HEAD is GET without the body."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]

    assert {f"{method} {route.path}" for route in routes for method in (route.methods or set()) - {"HEAD"}} == set(
        LEVELS
    )


async def ask_everywhere(api: httpx.AsyncClient, resources: Resources, asker: Asker) -> Mapping[str, Refusal]:
    """The gate of each route. One user is refused by all routes that refuse, for that changes nothing; each
    route that admits is asked as a user of its own.
    """
    kept_out = await asker(resources, await make_account(resources))

    async def headers_for(route: str) -> Headers:
        is_let_in = ANSWERS[asker][LEVELS[route]] is IN and LEVELS[route] is not Level.PUBLIC
        return await asker(resources, await make_account(resources)) if is_let_in else kept_out

    return {route: gate(await ask(api, route, await headers_for(route))) for route in LEVELS}


@pytest.mark.defect(7, 27)
@pytest.mark.parametrize("asker", ANSWERS, ids=lambda asker: asker.__name__.replace("_", " "))
async def test_route_admits_the_callers_of_its_level(
    api: httpx.AsyncClient, resources: Resources, asker: Asker
) -> None:
    answers = await ask_everywhere(api, resources, asker)

    assert answers == {route: ANSWERS[asker][level] for route, level in LEVELS.items()}


UNREADABLE = {
    "no JSON": b"{bad",
    "no UTF-8": b"\xff\xfe",
    "NUL": b"{}\0",
    "lists 30 000 deep": b"[" * 30_000,
    "objects 7 000 deep": b'{"email":' * 7_000,
    "5 000 digits": b'{"flow_id":' + b"9" * 5_000 + b"}",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("asker", [anonymous, without_device, on_their_device], ids=lambda asker: asker.__name__)
async def test_unreadable_body_is_refused_after_the_caller_is_authorized(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, asker: Asker, body: bytes
) -> None:
    routes = [route for route in LEVELS if route.startswith(("POST", "PUT", "PATCH"))]
    headers = await asker(resources, someone) | {"Content-Type": "application/json"}

    answers = {route: refusal(await ask(api, route, headers, content=body)) for route in routes}

    assert answers == {route: ANSWERS[asker][LEVELS[route]] or (422, "InvalidInput") for route in routes}


OF_A_PERSON = [route for route, level in LEVELS.items() if level in (Level.TOKEN, Level.DEVICE, Level.STEP_UP)]


@pytest.mark.parametrize("route", OF_A_PERSON)
async def test_caller_cannot_read_or_change_another_account(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, route: str
) -> None:
    """A caller that names ids of another account reads and changes nothing of it."""
    other = await make_account(resources)
    named = {"POST /auth/session/revoke": "session_id", "POST /auth/fingerprints/revoke": "device_fingerprint_id"}
    theirs = {"session_id": other.session["_id"], "device_fingerprint_id": other.session["device_fingerprint_id"]}
    body = {named[route]: theirs[named[route]]} if route in named else None
    before = await own_view(api, other)

    response = await ask(api, route, on_device(someone), body, user_id=other.user["_id"])

    assert [fact for fact in facts_of(other) if fact in response.text] == []
    assert await own_view(api, other) == before


async def own_view(api: httpx.AsyncClient, someone: SignedIn) -> list[Any]:
    """Return what an account reads of itself; any change to the account changes it."""
    routes = ["/auth/session/active", "/auth/fingerprints", "/auth/2fa/status", "/auth/security-events"]
    return [data(await api.get(route, headers=on_device(someone))) for route in routes]


def facts_of(someone: SignedIn) -> list[str]:
    return [someone.user["_id"], someone.person.username, someone.person.email, someone.session["_id"]]
