"""Every route, requested by every kind of caller, from the contract; and no route that was not looked at."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from domain.users.permissions import Permission
from tests.api.access_levels import GOLDEN, LEVELS, listing
from tests.api.askers import (
    ANONYMOUS,
    ASKERS,
    GATES,
    GUEST,
    IN,
    NO_KEYS,
    NO_SCOPE,
    USER,
    WITHOUT_DEVICE,
    Asker,
    Headers,
    Refusal,
    refusal_of,
)
from tests.api.requests import ask
from tests.support.accounts import make_account
from tests.support.api_keys import store_key, with_key
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.signed_in import on_device

CHANGES_ITS_CALLER = {
    "PATCH /users/account/deactivate",
    "POST /auth/session/revoke-all",
    "POST /auth/step-up",
}
"""Routes that change whom the others admit: each is asked as a user of its own."""


def gate(response: httpx.Response) -> Refusal:
    """Return the refusal of an access rule; None for any other answer."""
    error = response.json().get("error")
    return (response.status_code, error) if (response.status_code, error) in GATES else IN


@pytest.mark.defect(4, 5)
def test_every_route_is_in_the_table_and_nothing_else() -> None:
    assert GOLDEN.read_text(encoding="utf-8") == listing(), "look at it, then run: python -m tests.api.access_levels"


async def ask_everywhere(api: httpx.AsyncClient, resources: Resources, asker: Asker) -> Mapping[str, Refusal]:
    """The gate of each route. One user asks all those that change nothing about it."""
    same = await asker.become(resources, await make_account(resources))

    async def headers_for(route: str) -> Headers:
        is_own = route in CHANGES_ITS_CALLER and refusal_of(asker, LEVELS[route]) is IN
        return await asker.become(resources, await make_account(resources)) if is_own else same

    return {route: gate(await ask(api, route, await headers_for(route))) for route in LEVELS}


@pytest.mark.defect(7, 27)
@pytest.mark.parametrize("asker", ASKERS, ids=str)
async def test_route_admits_the_callers_of_its_permit(
    api: httpx.AsyncClient, resources: Resources, asker: Asker
) -> None:
    answers = await ask_everywhere(api, resources, asker)

    assert answers == {route: refusal_of(asker, level) for route, level in LEVELS.items()}


@pytest.mark.parametrize("scope", [Permission.ASSISTANT_READ, Permission.ASSISTANT_WRITE])
async def test_key_of_the_assistant_reads_or_writes_by_its_scope(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, scope: Permission
) -> None:
    headers = with_key(await store_key(resources, someone.user["_id"], [scope]))
    asker, routes = replace(USER, scopes=frozenset({scope})), [route for route in LEVELS if "/assistant/" in route]

    answers = {route: gate(await ask(api, route, headers)) for route in routes}

    assert answers == {route: refusal_of(asker, LEVELS[route]) for route in routes}
    assert set(answers.values()) == {IN, NO_KEYS, NO_SCOPE}


TAKING_PART = {
    "PUT /users/profile/display-name",
    "PUT /users/profile/bio",
    "PUT /users/profile/avatar",
    "POST /relationship/follow/following",
    "DELETE /relationship/follow/unfollow/{user_id_to}",
    "DELETE /relationship/follow/remove-follower/{user_id_to}",
    "POST /relationship/block/blocking",
    "DELETE /relationship/block/unblocking/{user_id_to}",
    "PUT /relationship/interest",
    "POST /relationship/interest/create",
    "POST /relationship/suggest/dismiss",
    "GET /assistant/tools",
    "GET /assistant/tools/{name}",
    "POST /assistant/tools/{name}/call",
    "POST /wallets/link/challenge",
    "POST /wallets/link/validation",
    "DELETE /wallets/link/unlink/{address}",
    "POST /wallets/primary/challenge",
    "POST /wallets/primary/validation",
    "PATCH /wallets/primary/unset",
    *(route for route in LEVELS if "/assistant/" in route and "/usage/all" not in route),
}


def test_guest_is_refused_where_users_take_part() -> None:
    """That the API answers so is what the table above shows."""
    admitted = {
        asker: {route for route, level in LEVELS.items() if refusal_of(asker, level) is IN} for asker in (USER, GUEST)
    }

    assert admitted[USER] - admitted[GUEST] == TAKING_PART


UNREADABLE = {
    "no JSON": b"{bad",
    "no UTF-8": b"\xff\xfe",
    "NUL": b"{}\0",
    "lists 30 000 deep": b"[" * 30_000,
    "objects 7 000 deep": b'{"email":' * 7_000,
    "5 000 digits": b'{"flow_id":' + b"9" * 5_000 + b"}",
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("asker", [ANONYMOUS, WITHOUT_DEVICE, USER], ids=str)
async def test_unreadable_body_is_refused_after_the_caller_is_authorized(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, asker: Asker, body: bytes
) -> None:
    routes = [route for route in LEVELS if route.startswith(("POST", "PUT", "PATCH"))]
    headers = await asker.become(resources, someone) | {"Content-Type": "application/json"}

    answers = {route: refusal(await ask(api, route, headers, content=body)) for route in routes}

    assert answers == {route: refusal_of(asker, LEVELS[route]) or (422, "InvalidInput") for route in routes}


OF_A_PERSON = [
    route
    for route, level in LEVELS.items()
    if level.permissions and not level.is_optional and refusal_of(USER, level) is IN
]


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
