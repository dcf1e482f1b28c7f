"""Roles, permissions and grants made directly in the stores, for tests of what they give."""

import secrets
from datetime import UTC, datetime

from adapters.resources import Resources
from domain.users.grants import Grant, GrantKind
from domain.users.role_graph import RoleDefinition
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import Role
from tests.support.accounts import make_account
from tests.support.people import SignedIn

NEVER = None


def right_now() -> datetime:
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def new_role(*permissions: str, parents: tuple[str, ...] = (), is_active: bool = True) -> RoleDefinition:
    """A role with a name that no other test has."""
    name = f"r_{secrets.token_hex(8)}"
    return RoleDefinition(
        secrets.token_hex(12), name, name, "", frozenset(parents), frozenset(permissions), is_active=is_active
    )


async def make_admin(resources: Resources, role: Role = Role.ADMIN) -> SignedIn:
    admin = await make_account(resources)
    await give_account_role(resources, admin, role)
    return admin


async def give_account_role(resources: Resources, someone: SignedIn, role: Role, *, author: str | None = None) -> None:
    event = SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], EventKind.ROLE_CHANGED, right_now())
    await resources.users.roles.change(event, role, author=author)


async def create_role(resources: Resources, author: SignedIn, role: RoleDefinition) -> RoleDefinition:
    await resources.users.role_definitions.create(
        role, author=author.user["_id"], now=right_now(), receipt=lambda _: None
    )
    return role


async def delete_roles(resources: Resources, *roles: RoleDefinition) -> None:
    """Make room for those of other tests, which share the limit of all roles."""
    names = [role.name for role in roles]
    await resources.clients.database["roles"].delete_many({"name": {"$in": names}})
    await resources.clients.database["users"].update_many({}, {"$pull": {"grants": {"name": {"$in": names}}}})
    await resources.clients.database["access_head"].update_one({"_id": "head"}, {"$inc": {"version": 1}})


def new_grant(author: SignedIn, kind: GrantKind, name: str, until: datetime | None = NEVER) -> Grant:
    return Grant(secrets.token_hex(12), kind, name, until, "on call", author.user["_id"], right_now())


async def give(
    resources: Resources, author: SignedIn, to: SignedIn, kind: GrantKind, name: str, until: datetime | None = NEVER
) -> Grant:
    grant = new_grant(author, kind, name, until)
    event = SecurityEvent(resources.hashes.new_object_id(), to.user["_id"], EventKind.GRANT_CREATED, grant.at)
    await resources.users.grants.give(grant, event, None)
    return grant


async def take(resources: Resources, author: SignedIn, of: SignedIn, grant: Grant) -> None:
    event = SecurityEvent(resources.hashes.new_object_id(), of.user["_id"], EventKind.GRANT_DELETED, right_now())
    await resources.users.grants.take(grant.grant_id, event, author=author.user["_id"])
