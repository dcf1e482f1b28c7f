"""Roles: changed by admins, kept by the last admin, and copied to graph and tokens."""

import asyncio
from typing import Any

import httpx
import jwt
import pytest
from bson import ObjectId

from adapters.resources import Resources
from api.operations.admin import make_admin
from domain.users.errors import LastAdmin, UserNotFound
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import Role, User
from tests.api.conftest import ChangeUser
from tests.api.contract_shapes import PROFILE
from tests.support.accounts import make_account
from tests.support.builders import NOW
from tests.support.envelope import data, refusal
from tests.support.graph import names_in_graph, synced
from tests.support.people import SignedIn
from tests.support.signed_in import on_device


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    admin = await make_account(resources)
    await make_admin(resources, admin.person.username)
    return admin


async def give(api: httpx.AsyncClient, by: SignedIn, to: SignedIn, role: str) -> httpx.Response:
    return await api.put("/users/profile/role", json={"user_id": to.user["_id"], "role": role}, headers=by.bearer)


async def demote(resources: Resources, who: SignedIn) -> User:
    event_id = resources.hashes.new_object_id()
    return await resources.users.roles.change(
        SecurityEvent(event_id, who.user["_id"], EventKind.ROLE_CHANGED, NOW), Role.USER, author=None
    )


async def events(resources: Resources, of: SignedIn) -> list[dict[str, Any]]:
    found = resources.clients.database["security_events"].find(
        {"user_id": ObjectId(of.user["_id"]), "kind": "role_changed"}
    )
    return await found.to_list()


async def test_admin_changes_a_role(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    changed = data(await give(api, admin, someone, "moderator"))
    await synced(resources, someone.user["_id"])
    node = await names_in_graph(resources, someone.user["_id"])

    assert changed.keys() == PROFILE
    assert (changed["_id"], changed["role"]) == (someone.user["_id"], "moderator")
    assert node is not None
    assert node[3] == "moderator"


async def test_change_is_a_security_event_of_the_target_account(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    data(await give(api, admin, someone, "moderator"))

    (event,) = await events(resources, someone)

    assert event["details"] == {"by": admin.user["_id"], "from": "user", "to": "moderator"}
    assert (event["severity"], event["device"], event["address_prefix"]) == ("medium", None, None)


async def test_unchanged_role_records_no_event(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    assert data(await give(api, admin, someone, "user"))["role"] == "user"
    assert await events(resources, someone) == []


@pytest.mark.defect(71)
async def test_admin_rights_are_granted_and_withdrawn_at_once(
    api: httpx.AsyncClient, admin: SignedIn, someone: SignedIn
) -> None:
    before = await api.get("/health/dependencies", headers=someone.bearer)
    data(await give(api, admin, someone, "admin"))
    during = await api.get("/health/dependencies", headers=someone.bearer)
    data(await give(api, admin, someone, "user"))
    after = await api.get("/health/dependencies", headers=someone.bearer)

    assert [each.status_code for each in (before, during, after)] == [403, 200, 403]


@pytest.mark.defect(71)
async def test_refreshed_token_has_the_new_role(api: httpx.AsyncClient, admin: SignedIn, someone: SignedIn) -> None:
    data(await give(api, admin, someone, "moderator"))

    token = {"session_token": someone.session["session_token"]}
    refreshed = data(await api.post("/auth/session/refresh", json=token))

    assert jwt.decode(refreshed["access_token"], options={"verify_signature": False})["role"] == "moderator"


@pytest.mark.defect(6)
@pytest.mark.parametrize("role", ["user", "moderator"])
async def test_user_who_is_no_admin_cannot_change_roles(
    api: httpx.AsyncClient, someone: SignedIn, change_user: ChangeUser, role: str
) -> None:
    await change_user(someone.user["_id"], {"role": role})

    assert refusal(await give(api, someone, someone, "admin")) == (403, "Forbidden")


async def test_role_is_checked_before_the_body(api: httpx.AsyncClient, someone: SignedIn) -> None:
    response = await api.put("/users/profile/role", json={"role": "emperor"}, headers=someone.bearer)

    assert refusal(response) == (403, "Forbidden")


async def test_admin_does_not_depose_who_has_more_rights(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    await make_admin(resources, someone.person.username, Role.SUPER_ADMIN)

    assert refusal(await give(api, admin, someone, "user")) == (403, "GrantTooWide")


async def test_role_of_a_deactivated_account_is_not_found(
    api: httpx.AsyncClient, admin: SignedIn, someone: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(someone.user["_id"], {"is_active": False})

    assert refusal(await give(api, admin, someone, "moderator")) == (404, "UserNotFound")


async def test_role_of_an_unknown_account_is_not_found(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    body = {"user_id": resources.hashes.new_object_id(), "role": "moderator"}

    response = await api.put("/users/profile/role", json=body, headers=admin.bearer)

    assert refusal(response) == (404, "UserNotFound")


@pytest.mark.usefixtures("no_other_admins")
async def test_last_admin_cannot_be_demoted(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    await make_admin(resources, someone.person.username)

    assert refusal(await give(api, someone, someone, "user")) == (409, "LastAdmin")
    assert refusal(await give(api, someone, someone, "moderator")) == (409, "LastAdmin")
    assert len(await events(resources, someone)) == 1


@pytest.mark.usefixtures("no_other_admins")
async def test_last_admin_cannot_be_deactivated(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await make_admin(resources, someone.person.username)

    left = await api.patch("/users/account/deactivate", headers=on_device(someone))

    assert refusal(left) == (409, "LastAdmin")
    assert data(await api.get("/auth/user/current", headers=someone.bearer))["role"] == "admin"


@pytest.mark.usefixtures("no_other_admins")
async def test_deactivated_admin_does_not_count_as_another_admin(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, change_user: ChangeUser
) -> None:
    gone = await make_account(resources)
    await make_admin(resources, gone.person.username)
    await make_admin(resources, someone.person.username)
    await change_user(gone.user["_id"], {"is_active": False})

    assert refusal(await give(api, someone, someone, "user")) == (409, "LastAdmin")


@pytest.mark.usefixtures("no_other_admins")
@pytest.mark.parametrize("number", [2, 5])
async def test_concurrent_demotions_leave_one_admin(resources: Resources, number: int) -> None:
    admins = [await make_account(resources) for _ in range(number)]
    for each in admins:
        await make_admin(resources, each.person.username)

    outcomes = await asyncio.gather(*(demote(resources, each) for each in admins), return_exceptions=True)

    left = await resources.clients.database["users"].count_documents({"role": "admin", "is_active": True})
    assert left == 1
    assert [type(outcome) for outcome in outcomes].count(LastAdmin) == 1
    assert [type(outcome) for outcome in outcomes].count(User) == number - 1


async def test_command_makes_an_admin_and_prints_it(resources: Resources, someone: SignedIn) -> None:
    name = someone.person.username

    said = [await make_admin(resources, typed) for typed in (name.upper(), name)]

    assert said == [f"{name} is an admin."] * 2
    assert [event["details"]["by"] for event in await events(resources, someone)] == ["command"]


async def test_command_gives_the_role_that_no_admin_can_give(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    refused = await give(api, admin, someone, "super_admin")
    said = await make_admin(resources, someone.person.username, Role.SUPER_ADMIN)

    assert refusal(refused) == (403, "GrantTooWide")
    assert said == f"{someone.person.username} is a super admin."


async def test_command_refuses_an_unknown_or_deactivated_name(
    resources: Resources, someone: SignedIn, change_user: ChangeUser
) -> None:
    await change_user(someone.user["_id"], {"is_active": False})

    with pytest.raises(UserNotFound):
        await make_admin(resources, "no_user_by_this_name")
    with pytest.raises(UserNotFound):
        await make_admin(resources, someone.person.username)
