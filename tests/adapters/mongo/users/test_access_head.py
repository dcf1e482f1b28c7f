"""Changes of rights at the same time: each is judged by the one before, however many there are."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database, Document
from adapters.mongo.users.access_head import AccessHead
from adapters.mongo.users.role_holders import FEW
from adapters.resources import Resources
from domain.errors import DecodeError, Forbidden
from domain.users.access import is_assigner
from domain.users.errors import GrantNotFound, GrantTooWide, LastAdmin, RoleCycle, RoleTooDeep, UserNotFound
from domain.users.grants import GrantKind
from domain.users.permissions import Need, PermissionSpec
from domain.users.role_graph import RoleDefinition
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import Role
from tests.support.accounts import make_account
from tests.support.people import SignedIn
from tests.support.rights import (
    create_role,
    delete_roles,
    give,
    give_account_role,
    make_admin,
    new_role,
    right_now,
    take,
)

ASSIGN = "roles:assign"


async def outcomes(*changes: Awaitable[object]) -> list[BaseException | object]:
    return await asyncio.gather(*changes, return_exceptions=True)


def unexpected(results: list[BaseException | object], *expected: type[DecodeError]) -> list[BaseException | object]:
    """What neither succeeded nor was refused as the test expects."""
    return [each for each in results if isinstance(each, BaseException) and not isinstance(each, expected)]


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    return await make_admin(resources)


@pytest.fixture
async def roles(resources: Resources, admin: SignedIn) -> AsyncIterator[list[RoleDefinition]]:
    roles = [await create_role(resources, admin, new_role()) for _ in range(8)]
    yield roles
    await delete_roles(resources, *roles)


async def include(resources: Resources, author: SignedIn, role: RoleDefinition, parent: RoleDefinition) -> None:
    await resources.users.role_definitions.edit(
        role.role_id,
        lambda old: replace(old, parents=old.parents | {parent.name}),
        author=author.user["_id"],
        now=right_now(),
    )


async def test_200_edits_at_once_end_without_a_cycle_and_each_is_made_or_refused(
    resources: Resources, admin: SignedIn, roles: list[RoleDefinition]
) -> None:
    pairs = [(secrets.choice(roles), secrets.choice(roles)) for _ in range(200)]

    results = await outcomes(*(include(resources, admin, role, parent) for role, parent in pairs))

    access = await resources.users.access_head.read()
    made = {pair for pair, result in zip(pairs, results, strict=True) if result is None}
    stored = {(role.name, parent) for role in roles for parent in access.graph.roles[role.name].parents}
    assert unexpected(results, RoleCycle, RoleTooDeep) == []
    assert stored == {(role.name, parent.name) for role, parent in made}


async def test_right_that_is_lost_meanwhile_is_not_given_on(resources: Resources, admin: SignedIn) -> None:
    """What the author gave before the loss stays, and nothing is given after it."""
    author, other = await make_account(resources), await make_account(resources)
    lent = [await give(resources, admin, author, GrantKind.PERMISSION, name) for name in (ASSIGN, "permissions:grant")]
    audit = await give(resources, admin, author, GrantKind.PERMISSION, "audit:read")

    async def give_on() -> None:
        await give(resources, author, other, GrantKind.PERMISSION, "audit:read")

    before = [give_on() for _ in range(20)]
    after = [give_on() for _ in range(179)]
    results = await outcomes(*before, take(resources, admin, author, audit), *after)

    document = await resources.users.users.find(other.user["_id"])
    assert document is not None
    assert unexpected(results, GrantTooWide) == []
    assert len(document.grants) == results.count(None) - 1 < len(results)
    assert len(lent) == 2


async def test_author_who_is_deactivated_meanwhile_gives_nothing_more(resources: Resources, admin: SignedIn) -> None:
    author, other = await make_admin(resources), await make_account(resources)

    leaving = deactivate(resources, author)
    results = await outcomes(
        *(give(resources, author, other, GrantKind.PERMISSION, "audit:read") for _ in range(5)),
        leaving,
        *(give(resources, author, other, GrantKind.PERMISSION, "audit:read") for _ in range(20)),
    )

    with pytest.raises(Forbidden):
        await give(resources, author, other, GrantKind.PERMISSION, "audit:read")
    document = await resources.users.users.find(other.user["_id"])
    assert document is not None
    assert unexpected(results, Forbidden) == []
    assert len(document.grants) == len([each for each in results if not isinstance(each, (BaseException, bool))])


async def deactivate(resources: Resources, someone: SignedIn) -> bool:
    event = SecurityEvent(
        resources.hashes.new_object_id(), someone.user["_id"], EventKind.ACCOUNT_DEACTIVATED, right_now()
    )
    return await resources.accounts.deletions.deactivate(
        event, deletion_key=secrets.token_hex(11), deletion_at=right_now() + timedelta(days=30), epoch=0
    )


@pytest.fixture
async def no_other_assigners(resources: Resources) -> AsyncIterator[None]:
    """Deactivate the accounts of other tests that can assign roles; restore them afterwards."""
    users = resources.clients.database["users"]
    others = {"is_active": True, "$or": [{"role": {"$in": ["admin", "super_admin"]}}, {"grants.name": {"$exists": 1}}]}
    ids = [document["_id"] async for document in users.find(others, {"_id": 1})]
    await users.update_many({"_id": {"$in": ids}}, {"$set": {"is_active": False}})
    yield
    await users.update_many({"_id": {"$in": ids}}, {"$set": {"is_active": True}})


@pytest.mark.usefixtures("no_other_assigners")
async def test_of_many_ways_to_lose_the_last_assigner_one_is_refused(resources: Resources) -> None:
    """Demotions, deactivations, grants taken and roles edited, all at once: one of them would leave none."""
    operated = await make_admin(resources)
    chief = await create_role(resources, operated, new_role(ASSIGN))
    by_role, by_permission = [await make_account(resources) for _ in range(2)]
    lasting = await give(resources, operated, by_permission, GrantKind.PERMISSION, ASSIGN)
    await give(resources, operated, by_role, GrantKind.ROLE, chief.name)
    leaving = [await make_admin(resources) for _ in range(3)]
    taker = await make_account(resources)
    tomorrow = right_now() + timedelta(days=1)
    for name in ("permissions:revoke", "roles:update"):
        await give(resources, operated, taker, GrantKind.PERMISSION, name, tomorrow)

    async def empty(role: RoleDefinition) -> None:
        await resources.users.role_definitions.edit(
            role.role_id, lambda old: replace(old, permissions=frozenset()), author=taker.user["_id"], now=right_now()
        )

    results = await outcomes(
        *(deactivate(resources, each) for each in leaving),
        give_account_role(resources, operated, Role.USER),
        empty(chief),
        take(resources, taker, by_permission, lasting),
    )

    assert unexpected(results, LastAdmin) == []
    assert [type(result) for result in results].count(LastAdmin) == 1
    assert len(await assigners(resources, operated, by_role, by_permission, *leaving, taker)) == 1
    await delete_roles(resources, chief)


@pytest.mark.usefixtures("no_other_assigners")
async def test_200_removals_at_once_leave_one_who_can_assign_roles(resources: Resources) -> None:
    """Each of a few loses that right by forty changes at once: another role, an end of the account, the grant taken."""
    admins = [await make_admin(resources) for _ in range(3)]
    lent = [await make_account(resources) for _ in range(2)]
    grants = [await give(resources, admins[0], each, GrantKind.PERMISSION, ASSIGN) for each in lent]
    taker = await make_account(resources)
    await give(resources, admins[0], taker, GrantKind.PERMISSION, "permissions:revoke", right_now() + timedelta(days=1))

    removals = [
        *(give_account_role(resources, admin, role) for admin in admins for role in [Role.USER, Role.EDITOR] * 19),
        *(deactivate(resources, admin) for admin in admins for _ in range(2)),
        *(take(resources, taker, of, grant) for of, grant in zip(lent, grants, strict=True) for _ in range(40)),
    ]
    random.shuffle(removals)
    results = await outcomes(*removals)

    assert len(results) == 200
    assert unexpected(results, LastAdmin, UserNotFound, GrantNotFound) == []
    assert [type(result) for result in results].count(LastAdmin) > 0
    assert len(await assigners(resources, *admins, *lent, taker)) == 1


async def assigners(resources: Resources, *among: SignedIn) -> list[str]:
    access = await resources.users.access_head.read()
    found = [await resources.users.users.find(each.user["_id"]) for each in among]
    return [user.user_id for user in found if user and user.is_active and is_assigner(access, user)]


async def test_version_moves_with_roles_and_not_with_grants(resources: Resources, admin: SignedIn) -> None:
    before = await resources.users.access_head.version()
    role = await create_role(resources, admin, new_role("users:read"))
    with_role = await resources.users.access_head.version()
    await give(resources, admin, await make_account(resources), GrantKind.ROLE, role.name)
    with_grant = await resources.users.access_head.version()

    assert (with_role - before, with_grant - with_role) == (1, 0)
    await delete_roles(resources, role)


class InterruptedPermissions:
    """The stored permissions; lets something happen as soon as they are read."""

    def __init__(self, database: Database, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._permissions = database["permissions"]
        self._meanwhile = meanwhile

    async def find(self, *, session: AsyncClientSession | None) -> AsyncIterator[Document]:
        async for document in self._permissions.find(session=session):
            yield document
        await self._meanwhile()


async def test_what_is_read_during_changes_is_of_one_version(resources: Resources, admin: SignedIn) -> None:
    """Read apart, the role would give a permission whose needs are not known."""
    database = resources.clients.database
    spec = PermissionSpec(f"t{secrets.token_hex(8)}:refund", "Refund an order.", (Need.STEP_UP,))
    role = new_role(spec.name)

    async def change() -> None:
        await resources.users.permissions.create(spec, author=admin.user["_id"], now=right_now(), receipt=None)
        await create_role(resources, admin, role)

    stored = {name: database[name] for name in ("access_head", "roles")}
    interrupted = {**stored, "permissions": InterruptedPermissions(database, change)}
    access = await AccessHead(resources.clients.mongo, cast(Database, interrupted)).read()
    newest = await resources.users.access_head.read()

    assert (spec.name in access.permissions, role.name in access.graph.roles) == (False, False)
    assert (spec.name in newest.permissions, role.name in newest.graph.roles) == (True, True)
    assert newest.version - access.version == 2
    await delete_roles(resources, role)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({"role": {"$in": ["admin", "super_admin"]}, "is_active": True}, "rare_roles"),
        ({"role": {"$in": FEW}}, "rare_roles"),
        ({"grants": {"$elemMatch": {"kind": "role", "name": {"$in": ["support"]}}}}, "grants_name"),
        ({"grants.until": {"$lte": right_now()}}, "grants_until"),
    ],
)
async def test_accounts_are_found_by_an_index(resources: Resources, query: dict[str, object], index: str) -> None:
    plan = await resources.clients.database["users"].find(query).explain()

    assert f"'indexName': '{index}'" in str(plan["queryPlanner"]["winningPlan"])
