"""Verification of the journal by a route: for those who may, with a fresh proof, and with its result to be read."""

from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from api.operations.admin import make_admin
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import forget_step_up, on_device

VERIFY = "/audit/verify"


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    admin = await make_account(resources)
    await make_admin(resources, admin.person.username)
    return admin


async def found(api: httpx.AsyncClient, admin: SignedIn, flow_id: str) -> dict[str, Any]:
    """Return what the verification has found, once it is over."""

    async def is_over() -> dict[str, Any] | None:
        view: dict[str, Any] = data(await api.get(f"{VERIFY}/{flow_id}", headers=admin.bearer))
        return view if view["state"] != "running" else None

    view = await eventually(is_over, within=60)
    return view


async def test_journal_of_the_stack_is_verified(api: httpx.AsyncClient, admin: SignedIn) -> None:
    flow = data(await api.post(VERIFY, json={"from": 1}, headers=on_device(admin)), 202)
    view = await found(api, admin, flow["flow_id"])

    assert (flow["kind"], flow["flow_id"][0]) == ("audit_verify", "a")
    assert view.keys() == {"state", "ok", "first_broken_seq", "reason", "checked", "checkpoints_ok"}
    assert (view["state"], view["ok"], view["reason"]) == ("completed", True, None)
    assert data(await api.get(f"/flows/{flow['flow_id']}"))["state"] == "completed"


async def test_same_key_is_the_same_flow_and_the_same_body(
    api: httpx.AsyncClient, admin: SignedIn, key: dict[str, str]
) -> None:
    asked = [await api.post(VERIFY, json={"to": to}, headers=on_device(admin) | key) for to in (1, 1, 2)]

    assert data(asked[0], 202)["flow_id"] == data(asked[1], 202)["flow_id"]
    assert refusal(asked[2]) == (409, "IdempotencyKeyReused")


async def test_without_a_fresh_proof_it_is_refused(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    await forget_step_up(resources, admin.session["_id"])
    response = await api.post(VERIFY, json={}, headers=on_device(admin))
    assert refusal(response) == (403, "StepUpRequired")


@pytest.mark.parametrize("body", [{"from": 0}, {"from": 9, "to": 8}, {"to": "1"}, {"to": 2**53}, {"since": 1}], ids=str)
async def test_numbers_that_are_none_are_refused(
    api: httpx.AsyncClient, admin: SignedIn, body: dict[str, object]
) -> None:
    assert refusal(await api.post(VERIFY, json=body, headers=on_device(admin))) == (422, "InvalidInput")


@pytest.mark.parametrize("flow_id", ["a" + "A" * 32, "f" + "A" * 32], ids=["unknown", "of another kind"])
async def test_verification_that_is_none_is_not_found(api: httpx.AsyncClient, admin: SignedIn, flow_id: str) -> None:
    assert refusal(await api.get(f"{VERIFY}/{flow_id}", headers=admin.bearer)) == (404, "FlowNotFound")
