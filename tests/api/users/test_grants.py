"""Grants: given with a reason and an end, shown with what they give, taken, and felt at once."""

import asyncio
import secrets
from datetime import timedelta
from typing import Any

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.moments import format_timestamp
from domain.users.grants import MAX_GRANTS, GrantKind
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.rights import create_role, give, make_admin, new_role, right_now
from tests.support.signed_in import on_device

AUDIT: dict[str, Any] = {"permission": "audit:read", "reason": "On call this week"}


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    return await make_admin(resources)


async def post(api: httpx.AsyncClient, author: SignedIn, to: str, body: dict[str, Any]) -> httpx.Response:
    return await api.post(f"/users/{to}/grants", json=body, headers=on_device(author))


async def access(api: httpx.AsyncClient, of: SignedIn) -> httpx.Response:
    return await api.get(f"/users/{of.user['_id']}/access", headers=of.bearer)


async def may(api: httpx.AsyncClient, who: SignedIn, *permissions: str) -> list[dict[str, Any]]:
    response = await api.post("/access/decide", json={"permissions": list(permissions)}, headers=who.bearer)
    decisions: list[dict[str, Any]] = data(response)["decisions"]
    return decisions


async def test_grant_is_felt_at_once_and_so_is_its_end(
    api: httpx.AsyncClient, admin: SignedIn, someone: SignedIn
) -> None:
    body = {"permission": "roles:read", "reason": "Looks after support"}
    before = await api.get("/roles", headers=someone.bearer)
    given = data(await post(api, admin, someone.user["_id"], body), 201)
    during = await api.get("/roles", headers=someone.bearer)
    data(await api.delete(f"/users/{someone.user['_id']}/grants/{given['_id']}", headers=on_device(admin)))
    after = await api.get("/roles", headers=someone.bearer)

    assert [each.status_code for each in (before, during, after)] == [403, 200, 403]


async def test_grant_runs_out_while_the_account_is_known(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    """Judged at each use: what was read while it lasted is no longer used."""
    soon = right_now() + timedelta(days=1)
    given = await give(resources, admin, someone, GrantKind.PERMISSION, "roles:read", soon)
    (lasting,) = await may(api, someone, "roles:read")
    await resources.clients.database["users"].update_one(
        {"_id": ObjectId(someone.user["_id"])}, {"$set": {"grants.0.until": right_now()}}
    )
    (over,) = await may(api, someone, "roles:read")

    assert lasting["because"] == [{"grant_id": given.grant_id, "roles": []}]
    assert (over["allowed"], over["because"]) == (False, [])


async def test_idempotency_key_of_a_grant_is_not_good_for_another_user(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    """The user is in the path: an answer about another one would be a right that is said to be given and is not."""
    other = await make_account(resources)
    headers = on_device(admin) | {"Idempotency-Key": secrets.token_hex(16)}
    url = "/users/{}/grants"

    first = data(await api.post(url.format(someone.user["_id"]), json=AUDIT, headers=headers), 201)
    repeated = data(await api.post(url.format(someone.user["_id"]), json=AUDIT, headers=headers), 201)
    elsewhere = await api.post(url.format(other.user["_id"]), json=AUDIT, headers=headers)

    assert repeated == first
    assert refusal(elsewhere) == (409, "IdempotencyKeyReused")


async def test_grant_of_a_deactivated_user_is_seen_and_taken(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn, change_user: ChangeUser
) -> None:
    """Else the right would come back with the account, and a granted role could not be deleted until then."""
    given = await give(resources, admin, someone, GrantKind.PERMISSION, "roles:read")
    await change_user(someone.user["_id"], {"is_active": False})

    shown = data(await api.get(f"/users/{someone.user['_id']}/access", headers=admin.bearer))["grants"]
    taken = await api.delete(f"/users/{someone.user['_id']}/grants/{given.grant_id}", headers=on_device(admin))
    kept = data(await api.get(f"/users/{someone.user['_id']}/access", headers=admin.bearer))["grants"]

    assert (len(shown), taken.status_code, kept) == (1, 200, [])


async def test_access_shows_role_grants_and_paths(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    base = await create_role(resources, admin, new_role("audit:read"))
    support = await create_role(resources, admin, new_role(parents=(base.name,)))
    until = format_timestamp(right_now() + timedelta(days=1))
    given = data(
        await post(api, admin, someone.user["_id"], {"role": support.name, "until": until, "reason": "On call"}), 201
    )

    response = await access(api, someone)
    seen = data(response)
    paths = {each["permission"]: each["by"] for each in seen["effective"]}

    assert (seen["role"], seen["grants"]) == ("user", [given])
    assert given | {"_id": None, "at": None} == {
        "_id": None,
        "kind": "role",
        "name": support.name,
        "until": until,
        "reason": "On call",
        "by": admin.user["_id"],
        "at": None,
    }
    assert paths["audit:read"] == [{"grant_id": given["_id"], "roles": [support.name, base.name]}]
    assert paths["profile:update"] == [{"grant_id": None, "roles": ["user"]}]
    assert response.headers["X-Access-Version"] == str(seen["version"])


async def test_decision_tells_what_is_needed_and_knows_no_unknown_name(api: httpx.AsyncClient, admin: SignedIn) -> None:
    assign, moon = await may(api, admin, "roles:assign", "moon:land")

    assert assign == {
        "permission": "roles:assign",
        "allowed": True,
        "because": [{"grant_id": None, "roles": ["admin"]}],
        "needs": ["step_up"],
    }
    assert moon == {"permission": "moon:land", "allowed": False, "because": [], "needs": []}


async def test_rights_of_others_are_for_those_who_may_read_roles(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    about_admin = {"user_id": admin.user["_id"], "permissions": ["roles:read"]}
    about_someone = {"user_id": someone.user["_id"], "permissions": ["roles:read"]}
    unknown = resources.hashes.new_object_id()

    answers = [
        await api.post("/access/decide", json=about_admin, headers=someone.bearer),
        await api.get(f"/users/{admin.user['_id']}/access", headers=someone.bearer),
        await api.get(f"/users/{unknown}/access", headers=admin.bearer),
        await api.post("/access/decide", json=about_someone | {"user_id": unknown}, headers=admin.bearer),
    ]
    decided = data(await api.post("/access/decide", json=about_someone, headers=admin.bearer))["decisions"]

    assert [refusal(each) for each in answers] == [(403, "Forbidden")] * 2 + [(404, "UserNotFound")] * 2
    assert [each["allowed"] for each in decided] == [False]


async def test_grant_that_cannot_be_is_refused_by_name(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    user_id = someone.user["_id"]
    now = right_now()

    answers = {
        "to no user": await post(api, admin, resources.hashes.new_object_id(), AUDIT),
        "unknown role": await post(api, admin, user_id, {"role": "emperor", "reason": "x"}),
        "unknown permission": await post(api, admin, user_id, {"permission": "moon:land", "reason": "x"}),
        "wider than its author": await post(api, admin, user_id, {"role": "super_admin", "reason": "x"}),
        "to oneself": await post(api, admin, admin.user["_id"], {"permission": "system:configure", "reason": "x"}),
        "by a user": await post(api, someone, user_id, AUDIT),
        "over already": await post(api, admin, user_id, AUDIT | {"until": format_timestamp(now)}),
        "for ages": await post(api, admin, user_id, AUDIT | {"until": "9999-12-31T23:59:59-12:00"}),
        "taken twice": await api.delete(f"/users/{user_id}/grants/{'0' * 24}", headers=on_device(admin)),
    }

    assert {why: refusal(answer) for why, answer in answers.items()} == {
        "to no user": (404, "UserNotFound"),
        "unknown role": (404, "RoleNotFound"),
        "unknown permission": (404, "PermissionNotFound"),
        "wider than its author": (403, "GrantTooWide"),
        "to oneself": (403, "GrantTooWide"),
        "by a user": (403, "Forbidden"),
        "over already": (422, "InvalidInput"),
        "for ages": (422, "InvalidInput"),
        "taken twice": (404, "GrantNotFound"),
    }


async def test_right_for_a_day_is_not_given_on_for_longer(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    """Its holder would keep it for good, or another account of theirs would."""
    until = right_now() + timedelta(days=1)
    await give(resources, admin, someone, GrantKind.PERMISSION, "permissions:grant", until)
    right = {"permission": "permissions:grant", "reason": "x"}
    ends = {"never": None, "later": until + timedelta(seconds=1), "then": until}

    answers = {
        name: await post(api, someone, someone.user["_id"], right | {"until": end and format_timestamp(end)})
        for name, end in ends.items()
    }

    assert {name: answer.status_code for name, answer in answers.items()} == {"never": 403, "later": 403, "then": 201}
    assert refusal(answers["never"]) == (403, "GrantTooWide")


async def test_permission_to_grant_gives_no_roles_and_takes_none(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn
) -> None:
    """One who may give single permissions may not give roles, and who may take those not take roles."""
    for name in ("permissions:grant", "permissions:revoke", "audit:read"):
        await give(resources, admin, someone, GrantKind.PERMISSION, name)
    to = admin.user["_id"]
    role = await give(resources, admin, admin, GrantKind.ROLE, "guest")

    permission = await post(api, someone, to, AUDIT)
    refused = [
        await post(api, someone, to, {"role": "guest", "reason": "x"}),
        await api.delete(f"/users/{to}/grants/{role.grant_id}", headers=on_device(someone)),
    ]
    taken = await api.delete(f"/users/{to}/grants/{data(permission, 201)['_id']}", headers=on_device(someone))

    assert [refusal(each) for each in refused] == [(403, "Forbidden")] * 2
    assert taken.status_code == 200


async def test_repeat_with_its_key_is_one_grant(
    api: httpx.AsyncClient, admin: SignedIn, someone: SignedIn, key: dict[str, str]
) -> None:
    path, headers = f"/users/{someone.user['_id']}/grants", on_device(admin) | key

    answers = await asyncio.gather(*(api.post(path, json=AUDIT, headers=headers) for _ in range(5)))

    assert len({data(answer, 201)["_id"] for answer in answers}) == 1
    assert len(data(await access(api, someone))["grants"]) == 1


async def test_grants_of_an_account_are_limited_and_those_run_out_make_room(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, someone: SignedIn, change_user: ChangeUser
) -> None:
    lasting = {"kind": "permission", "name": "audit:read", "reason": "x", "by": ObjectId(admin.user["_id"])}
    grants = [lasting | {"id": ObjectId(), "until": None, "at": right_now()} for _ in range(MAX_GRANTS)]
    await change_user(someone.user["_id"], {"grants": grants})
    full = await post(api, admin, someone.user["_id"], AUDIT)
    grants[0]["until"] = right_now()
    await change_user(someone.user["_id"], {"grants": grants})
    roomy = await post(api, admin, someone.user["_id"], AUDIT)

    assert (refusal(full), roomy.status_code) == ((409, "GrantLimit"), 201)
    assert len(data(await access(api, someone))["grants"]) == MAX_GRANTS


async def test_owner_is_told_of_a_right_given_and_taken(
    api: httpx.AsyncClient, admin: SignedIn, someone: SignedIn
) -> None:
    given = data(await post(api, admin, someone.user["_id"], AUDIT), 201)
    data(await api.delete(f"/users/{someone.user['_id']}/grants/{given['_id']}", headers=on_device(admin)))

    told = data(await api.get("/notifications", headers=someone.bearer))["notifications"]
    events = data(await api.get("/auth/security-events", headers=on_device(someone)))["events"]

    assert [each["title"] for each in told[:2]] == ["Right taken", "Right given"]
    assert [(each["kind"], each["address_prefix"]) for each in events[:2]] == [
        ("grant_deleted", None),
        ("grant_created", None),
    ]


@pytest.mark.usefixtures("no_other_admins")
async def test_last_lasting_right_to_assign_cannot_be_taken(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, change_user: ChangeUser
) -> None:
    admin = await make_admin(resources)
    lasting = await give(resources, admin, someone, GrantKind.PERMISSION, "roles:assign")
    tomorrow = right_now() + timedelta(days=1)
    await give(resources, admin, admin, GrantKind.PERMISSION, "roles:assign", tomorrow)
    await give(resources, admin, someone, GrantKind.PERMISSION, "permissions:revoke")
    await change_user(admin.user["_id"], {"role": "user"})

    taken = await api.delete(f"/users/{someone.user['_id']}/grants/{lasting.grant_id}", headers=on_device(someone))

    assert refusal(taken) == (409, "LastAdmin")
