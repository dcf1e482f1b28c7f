"""Permissions of an app: created, given by admins, deleted when no user has them."""

import secrets
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from domain.users.grants import GrantKind
from domain.users.permissions import Permission
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.rights import give, make_admin, right_now
from tests.support.signed_in import on_device


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    return await make_admin(resources)


def permission() -> dict[str, Any]:
    return {"name": f"t{secrets.token_hex(8)}:refund", "description": "Refund an order.", "needs": ["step_up"]}


async def create(api: httpx.AsyncClient, author: SignedIn, body: dict[str, Any]) -> httpx.Response:
    return await api.post("/permissions", json=body, headers=on_device(author))


async def delete(api: httpx.AsyncClient, author: SignedIn, name: str) -> httpx.Response:
    return await api.delete(f"/permissions/{name}", headers=on_device(author))


async def test_permission_of_an_app_is_given_and_decided_on(
    api: httpx.AsyncClient, admin: SignedIn, someone: SignedIn
) -> None:
    body = permission()
    created = data(await create(api, admin, body), 201)
    grant = {"permission": body["name"], "reason": "Refunds"}
    data(await api.post(f"/users/{someone.user['_id']}/grants", json=grant, headers=on_device(admin)), 201)

    asked = {"permissions": [body["name"]]}
    (decision,) = data(await api.post("/access/decide", json=asked, headers=someone.bearer))["decisions"]

    assert created == {**body, "is_scope": False, "is_system": False}
    assert (decision["allowed"], decision["needs"]) == (True, ["step_up"])


async def test_need_that_is_named_twice_is_one_need(api: httpx.AsyncClient, admin: SignedIn) -> None:
    body = permission() | {"needs": ["step_up", "device", "step_up"]}

    assert data(await create(api, admin, body), 201)["needs"] == ["device", "step_up"]


async def test_permission_whose_grants_have_run_out_is_deleted(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    body = permission()
    data(await create(api, admin, body), 201)
    await give(resources, admin, someone, GrantKind.PERMISSION, body["name"], right_now() - timedelta(seconds=1))

    data(await delete(api, admin, body["name"]))


async def test_all_permissions_are_listed(api: httpx.AsyncClient, admin: SignedIn) -> None:
    body = permission()
    data(await create(api, admin, body), 201)

    listed = {each["name"]: each for each in data(await api.get("/permissions", headers=admin.bearer))["permissions"]}

    assert {name for name, each in listed.items() if each["is_system"]} == {*Permission}
    assert listed[body["name"]]["needs"] == ["step_up"]


async def test_permission_that_is_there_or_in_use_is_refused(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    granted, free = permission(), permission()
    for body in (granted, free):
        data(await create(api, admin, body), 201)
    await give(resources, admin, someone, GrantKind.PERMISSION, granted["name"])

    answers = [
        await create(api, admin, free),
        await create(api, admin, free | {"name": "roles:assign"}),
        await delete(api, admin, granted["name"]),
        await delete(api, admin, "roles:assign"),
    ]
    gone = [(await delete(api, admin, free["name"])).status_code for _ in range(2)]

    assert [refusal(each) for each in answers] == [
        (409, "PermissionExists"),
        (409, "PermissionExists"),
        (409, "PermissionInUse"),
        (409, "SystemPermission"),
    ]
    assert gone == [200, 404]
