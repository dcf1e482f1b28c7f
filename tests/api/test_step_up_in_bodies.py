"""Rights, keys and the journal: the proof of a step-up may come in the body of the request that needs it."""

import secrets

import httpx
import pytest

from adapters.resources import Resources
from domain.users.users import Role
from tests.api.requests import ask
from tests.support.envelope import Json, data, refusal
from tests.support.people import SignedIn
from tests.support.rights import make_admin
from tests.support.signed_in import forget_step_up, on_device

BODIES: dict[str, Json] = {
    "POST /api-keys": {"name": "report", "scopes": ["profile:read"]},
    "PATCH /api-keys/{key_id}": {"name": "report"},
    "POST /api-keys/{key_id}/rotate": {},
    "POST /roles": {
        "name": "support",
        "display_name": "Support",
        "description": "",
        "parents": [],
        "permissions": [],
        "is_active": True,
    },
    "POST /roles/{role_id}/permissions": {"permissions": ["audit:read"]},
    "POST /permissions": {"name": "invoices:read", "description": "Read invoices.", "needs": []},
    "POST /users/{user_id}/grants": {"permission": "audit:read", "reason": "on call"},
    "POST /audit/verify": {},
    "POST /audit/export": {},
}


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    """An admin whose last proof is long ago."""
    admin = await make_admin(resources, Role.ADMIN)
    await forget_step_up(resources, admin.session["_id"])
    return admin


@pytest.mark.parametrize(("route", "body"), BODIES.items(), ids=BODIES)
async def test_without_a_proof_it_is_asked_for_and_a_wrong_one_is_refused(
    api: httpx.AsyncClient, admin: SignedIn, route: str, body: Json
) -> None:
    without = await ask(api, route, on_device(admin), body)
    wrong = await ask(api, route, on_device(admin), {**body, "current_password": "not the pass phrase"})

    assert refusal(without) == (403, "StepUpRequired")
    assert refusal(wrong) == (401, "InvalidCredentials")


@pytest.mark.parametrize("route", BODIES)
async def test_shape_is_judged_before_the_proof(api: httpx.AsyncClient, admin: SignedIn, route: str) -> None:
    answer = await ask(api, route, on_device(admin), {"unknown": 1})

    assert refusal(answer) == (422, "InvalidInput")


async def test_key_is_made_with_the_password_beside_it_and_a_repeat_is_the_same_key(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    body = {**BODIES["POST /api-keys"], "current_password": admin.person.password}
    headers = on_device(admin) | {"Idempotency-Key": secrets.token_hex(16)}

    first = data(await api.post("/api-keys", json=body, headers=headers), 201)
    await forget_step_up(resources, admin.session["_id"])
    again = data(await api.post("/api-keys", json=body, headers=headers), 201)

    assert again == first


async def test_grant_is_given_with_the_password_beside_it(
    api: httpx.AsyncClient, admin: SignedIn, someone: SignedIn
) -> None:
    body = {**BODIES["POST /users/{user_id}/grants"], "current_password": admin.person.password}

    given = data(await api.post(f"/users/{someone.user['_id']}/grants", json=body, headers=on_device(admin)), 201)

    assert given["name"] == "audit:read"
