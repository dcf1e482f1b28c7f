"""Roles of an app: created, changed, deleted; never wider than their author."""

import asyncio
import secrets
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from domain.users.grants import GrantKind
from domain.users.users import Role
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.occurrences import documents_of
from tests.support.people import SignedIn
from tests.support.rights import give, make_admin, right_now
from tests.support.signed_in import on_device


def role(*permissions: str, parents: tuple[str, ...] = (), is_active: bool = True) -> dict[str, Any]:
    return {
        "name": f"r_{secrets.token_hex(8)}",
        "display_name": "Support",
        "description": "",
        "parents": list(parents),
        "permissions": list(permissions),
        "is_active": is_active,
    }


def contents(of: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {name: value for name, value in (of | changed).items() if name != "name"}


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    return await make_admin(resources)


async def create(api: httpx.AsyncClient, author: SignedIn, body: dict[str, Any]) -> httpx.Response:
    return await api.post("/roles", json=body, headers=on_device(author))


async def put(api: httpx.AsyncClient, author: SignedIn, role_id: str, body: dict[str, Any]) -> httpx.Response:
    return await api.put(f"/roles/{role_id}", json=body, headers=on_device(author))


async def test_role_is_created_with_all_that_it_includes(api: httpx.AsyncClient, admin: SignedIn) -> None:
    body = role("audit:read", parents=("guest",))

    created = data(await create(api, admin, body), 201)
    read = data(await api.get(f"/roles/{created['_id']}", headers=admin.bearer))

    assert created == read
    assert {name: created[name] for name in body} == body
    assert {"audit:read", "profile:read"} <= set(created["effective"])
    assert (created["level"], created["is_system"], created["holders"]) == (2, False, 0)


async def test_each_change_is_an_occurrence(api: httpx.AsyncClient, resources: Resources, admin: SignedIn) -> None:
    body = role("audit:read")
    created = data(await create(api, admin, body), 201)
    data(await put(api, admin, created["_id"], contents(body, permissions=[], is_active=False)))
    data(await api.delete(f"/roles/{created['_id']}", headers=on_device(admin)))

    found = await documents_of(resources, body["name"])

    assert [each["type"] for each in found] == ["role.created", "role.updated", "role.deleted"]
    assert found[0]["public"] == {"parents": "", "permissions": "audit:read", "is_active": 1}
    assert {each["actor"]["id"] for each in found} == {admin.user["_id"]}


async def test_change_that_changes_nothing_is_no_occurrence(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    body = role("audit:read")
    created = data(await create(api, admin, body), 201)

    again = data(await put(api, admin, created["_id"], contents(body)))

    assert again == created
    assert len(await documents_of(resources, body["name"])) == 1


async def test_permissions_are_added_and_removed_one_by_one(api: httpx.AsyncClient, admin: SignedIn) -> None:
    created = data(await create(api, admin, role("audit:read")), 201)
    path = f"/roles/{created['_id']}/permissions"

    added = data(await api.post(path, json={"permissions": ["keys:read", "audit:read"]}, headers=on_device(admin)))
    removed = data(await api.delete(f"{path}/audit:read", headers=on_device(admin)))

    assert (added["permissions"], removed["permissions"]) == (["audit:read", "keys:read"], ["keys:read"])


async def test_repeat_with_its_key_is_one_role(api: httpx.AsyncClient, admin: SignedIn, key: dict[str, str]) -> None:
    body, headers = role("audit:read"), on_device(admin) | key

    answers = await asyncio.gather(*(api.post("/roles", json=body, headers=headers) for _ in range(5)))

    assert len({data(answer, 201)["_id"] for answer in answers}) == 1


async def test_key_with_another_role_is_refused(api: httpx.AsyncClient, admin: SignedIn, key: dict[str, str]) -> None:
    headers = on_device(admin) | key
    data(await api.post("/roles", json=role(), headers=headers), 201)

    assert refusal(await api.post("/roles", json=role(), headers=headers)) == (409, "IdempotencyKeyReused")


async def test_what_cannot_be_is_refused_by_name(api: httpx.AsyncClient, admin: SignedIn) -> None:
    below = role()
    created = data(await create(api, admin, below), 201)
    above = role(parents=(below["name"],))
    data(await create(api, admin, above), 201)
    circle = contents(below, parents=[above["name"]])

    answers = {
        "the same name": await create(api, admin, below),
        "a built-in name": await create(api, admin, role() | {"name": "admin"}),
        "a cycle": await put(api, admin, created["_id"], circle),
        "an unknown parent": await create(api, admin, role(parents=("emperor",))),
        "an unknown permission": await create(api, admin, role("moon:land")),
        "too deep": await create(api, admin, role(parents=(await deepest(api, admin),))),
        "a change of a built-in role": await put(api, admin, "guest", circle),
        "deletion of a built-in role": await api.delete("/roles/guest", headers=on_device(admin)),
        "deletion of an included role": await api.delete(f"/roles/{created['_id']}", headers=on_device(admin)),
        "change of no role": await put(api, admin, "0" * 24, circle),
        "no role": await api.get("/roles/emperor", headers=admin.bearer),
    }

    assert {why: refusal(answer) for why, answer in answers.items()} == {
        "the same name": (409, "RoleExists"),
        "a built-in name": (409, "RoleExists"),
        "a cycle": (409, "RoleCycle"),
        "an unknown parent": (404, "RoleNotFound"),
        "an unknown permission": (404, "PermissionNotFound"),
        "too deep": (409, "RoleTooDeep"),
        "a change of a built-in role": (409, "SystemRole"),
        "deletion of a built-in role": (409, "SystemRole"),
        "deletion of an included role": (409, "RoleInUse"),
        "change of no role": (404, "RoleNotFound"),
        "no role": (404, "RoleNotFound"),
    }


async def deepest(api: httpx.AsyncClient, author: SignedIn) -> str:
    """The name of a role at the end of a chain of ten: six built-in ones would be too wide for its author."""
    names = ["admin"]
    for _ in range(5):
        body = role(parents=(names[-1],))
        data(await create(api, author, body), 201)
        names.append(body["name"])
    return names[-1]


async def test_role_wider_than_its_author_is_refused(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    """The author may create and change roles, and has no other right of an admin."""
    for name in ("roles:create", "roles:update"):
        await give(resources, admin, someone, GrantKind.PERMISSION, name)
    wide, off = role("audit:read"), role("audit:read", is_active=False)
    asleep = data(await create(api, admin, off), 201)
    empty = role()
    own = data(await create(api, someone, empty), 201)

    answers = {
        "created": await create(api, someone, wide),
        "with a wider parent": await create(api, someone, role(parents=("admin",))),
        "created for later": await create(api, someone, off | {"name": role()["name"]}),
        "added": await api.post(
            f"/roles/{own['_id']}/permissions", json={"permissions": ["audit:read"]}, headers=on_device(someone)
        ),
        "parent added": await put(api, someone, own["_id"], contents(empty, parents=["admin"])),
        "woken": await put(api, someone, asleep["_id"], contents(off, is_active=True)),
        "beyond an admin": await create(api, admin, role("system:configure")),
    }

    assert {why: refusal(answer) for why, answer in answers.items()} == dict.fromkeys(answers, (403, "GrantTooWide"))


async def test_what_a_role_has_already_is_not_given_by_who_changes_its_name(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    await give(resources, admin, someone, GrantKind.PERMISSION, "roles:update")
    body = role("audit:read", "keys:read")
    created = data(await create(api, admin, body), 201)

    changed = data(
        await put(api, someone, created["_id"], contents(body, display_name="Help", permissions=["keys:read"]))
    )

    assert (changed["display_name"], changed["permissions"]) == ("Help", ["keys:read"])


async def test_role_that_is_granted_cannot_be_deleted(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    body = role("audit:read")
    created = data(await create(api, admin, body), 201)
    await give(resources, admin, someone, GrantKind.ROLE, body["name"])

    held = data(await api.get(f"/roles/{created['_id']}", headers=admin.bearer))["holders"]

    assert held == 1
    assert refusal(await api.delete(f"/roles/{created['_id']}", headers=on_device(admin))) == (409, "RoleInUse")


async def test_role_whose_grants_have_run_out_has_no_holder_and_is_deleted(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    """They are removed once a day: a role that no user has need not wait for it."""
    body = role("audit:read")
    created = data(await create(api, admin, body), 201)
    await give(resources, admin, someone, GrantKind.ROLE, body["name"], right_now() - timedelta(seconds=1))

    held = data(await api.get(f"/roles/{created['_id']}", headers=admin.bearer))["holders"]
    data(await api.delete(f"/roles/{created['_id']}", headers=on_device(admin)))

    assert held == 0
    assert (await api.get(f"/users/{someone.user['_id']}/access", headers=admin.bearer)).status_code == 200


async def test_built_in_roles_are_listed_with_those_who_have_them(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    """Those of the role that most have are estimated: MongoDB counts roughly after it was killed."""
    users = resources.clients.database["users"]
    roles = {each["name"]: each for each in data(await api.get("/roles", headers=admin.bearer))["roles"]}

    assert [name for name, each in roles.items() if each["is_system"]] == [*Role]
    assert roles["admin"]["holders"] == await users.count_documents({"role": "admin"})
    assert roles["user"]["holders"] == pytest.approx(await users.count_documents({"role": "user"}), rel=0.25, abs=50)


@pytest.mark.usefixtures("no_other_admins")
async def test_last_role_that_assigns_cannot_lose_that(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    admin, chief = await make_admin(resources), role("roles:assign")
    created = data(await create(api, admin, chief), 201)
    await give(resources, admin, someone, GrantKind.ROLE, chief["name"])
    await give(resources, admin, someone, GrantKind.PERMISSION, "roles:update")
    await resources.clients.database["users"].update_many({"role": "admin"}, {"$set": {"is_active": False}})
    other = await make_account(resources)

    emptied = await put(api, someone, created["_id"], contents(chief, permissions=[]))
    put_to_sleep = await put(api, someone, created["_id"], contents(chief, is_active=False))
    left = await api.patch("/users/account/deactivate", headers=on_device(someone))

    assert [refusal(each) for each in (emptied, put_to_sleep, left)] == [(409, "LastAdmin")] * 3
    assert (await api.patch("/users/account/deactivate", headers=on_device(other))).status_code == 200
