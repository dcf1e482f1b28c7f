"""Roles of accounts. The last user who can assign roles keeps that, however many lose it concurrently."""

from dataclasses import replace
from functools import partial

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database, Document
from adapters.mongo.users.access_guard import AccessGuard
from adapters.mongo.users.access_head import AccessHead
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import user_from, with_sync_intent
from domain.users.access import Access
from domain.users.errors import UserNotFound
from domain.users.permissions import Permission
from domain.users.security_events import SecurityEvent
from domain.users.users import Role, User


class RoleStore:
    """Changes roles, on accounts and their sessions."""

    def __init__(self, database: Database, events: SecurityEventStore, head: AccessHead, guard: AccessGuard) -> None:
        self._users = database["users"]
        self._sessions = database["sessions"]
        self._events = events
        self._head = head
        self._guard = guard

    async def change(self, event: SecurityEvent, role: Role, *, author: str | None) -> User:
        """Give the event's user this role, on the account and its sessions, and record the event, in one transaction.

        `author`: the user who gives it, None for an operator. A user who has the role already keeps it, and nothing is
        recorded. Raises Forbidden, GrantTooWide, UserNotFound, LastAdmin.
        """
        return await self._head.change(partial(self._change, event=event, role=role, author=author))

    async def _change(
        self, tx: AsyncClientSession, access: Access, *, event: SecurityEvent, role: Role, author: str | None
    ) -> User:
        active: Document = {"_id": ObjectId(event.user_id), "is_active": True}
        document = await self._users.find_one(active, session=tx)
        if document is None:
            raise UserNotFound
        # Of the role before as well: a right to assign roles that was lent for a day does not depose those above.
        moved = access.graph.contents(role) | access.graph.contents(document["role"])
        await self._guard.require_right(tx, access, author, Permission.ROLES_ASSIGN, event.at, given=moved)
        if document["role"] == role:
            return user_from(document)
        await self._users.update_one(active, with_sync_intent({"role": role}, event.at), session=tx)
        if document["role"] in access.assigning_roles:
            await self._guard.require_assigner(tx, access)
        open_sessions = {"user_id": active["_id"], "is_active": True}
        await self._sessions.update_many(open_sessions, {"$set": {"role": role}}, session=tx)
        details = {**event.details, "from": document["role"], "to": role}
        await self._events.record(replace(event, details=details), tx)
        return user_from({**document, "role": role, "updatedAt": event.at})
