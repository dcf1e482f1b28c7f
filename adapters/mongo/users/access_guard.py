"""What a change of rights is judged by, within its transaction: the rights of its author, and those who remain."""

from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database, Document
from adapters.mongo.users.access_head import AccessHead
from adapters.mongo.users.users import user_from
from domain.errors import Forbidden
from domain.users.access import Access, is_assigner, may_change_rights
from domain.users.errors import GrantTooWide, LastAdmin
from domain.users.grants import GrantKind
from domain.users.permissions import Permission
from domain.users.users import User


class AccessGuard:
    """Judges changes of rights. Their transactions have locked the head, so that what is read here holds until they
    commit.
    """

    def __init__(self, database: Database, head: AccessHead) -> None:
        self._users = database["users"]
        self._head = head

    async def require_right(
        self,
        tx: AsyncClientSession,
        access: Access,
        author: str | None,
        permission: Permission,
        now: datetime,
        *,
        given: frozenset[str] = frozenset(),
        until: datetime | None = None,
    ) -> None:
        """Check that the author, a user, may do this, and has all that is given for as long as it is given: up to
        `until`, None for good. Otherwise a right for a day would be one for ever. None as author: an operator, who may.

        Raises Forbidden, GrantTooWide.
        """
        if author is None:
            return
        document = await self._users.find_one({"_id": ObjectId(author), "is_active": True}, session=tx)
        if document is None or permission not in access.permissions_of(user_from(document), now):
            raise Forbidden
        if given - access.permissions_until(user_from(document), until):
            raise GrantTooWide

    async def require_assigner(self, tx: AsyncClientSession, access: Access) -> None:
        """Check, after the change, that an active account remains that can assign roles for good. Raises LastAdmin."""
        if not await self._has_assigner(access, {}, tx):
            raise LastAdmin

    async def lock_assigner(self, tx: AsyncClientSession, leaving: User) -> None:
        """Have the head keep other changes away while this account is deactivated, if it can change rights, and check
        that one that can assign roles remains. Raises LastAdmin.
        """
        if may_change_rights(leaving):
            await self._head.lock(tx)
            access = await self._head.read(tx)
            if is_assigner(access, leaving):
                await self.require_assigner(tx, access)

    async def has_another_assigner(self, user: User) -> bool:
        """Whether others can assign roles for good, or this account cannot either, so that it may leave."""
        access = await self._head.read()
        return not is_assigner(access, user) or await self._has_assigner(
            access, {"_id": {"$ne": ObjectId(user.user_id)}}
        )

    async def _has_assigner(self, access: Access, among: Document, tx: AsyncClientSession | None = None) -> bool:
        """One query for each index: that of roles finds nearly always."""
        active = {"is_active": True} | among
        roles = sorted(access.assigning_roles)
        by_role = active | {"role": {"$in": [role for role in roles if access.graph.roles[role].is_system]}}
        by_grant = active | {"grants": {"$elemMatch": {"until": None, "$or": _giving(roles)}}}
        return any([await self._users.find_one(query, {"_id": 1}, session=tx) for query in (by_role, by_grant)])


def _giving(roles: list[str]) -> list[Document]:
    return [
        {"kind": GrantKind.ROLE, "name": {"$in": roles}},
        {"kind": GrantKind.PERMISSION, "name": Permission.ROLES_ASSIGN},
    ]
