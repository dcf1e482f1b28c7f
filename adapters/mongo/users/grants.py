"""Grants, in the accounts' documents. What has run out counts no more, whether it has been removed or not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.idempotency import Receipt, insert_receipt
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.access_guard import AccessGuard
from adapters.mongo.users.access_head import AccessHead
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import user_from
from domain.journal.occurrences import SYSTEM, Occurrence, OccurrenceType, user_party
from domain.moments import format_timestamp
from domain.users.access import Access
from domain.users.errors import GrantLimit, GrantNotFound, UserNotFound
from domain.users.grants import GIVING, MAX_GRANTS, TAKING, Grant
from domain.users.permissions import Permission
from domain.users.security_events import SecurityEvent


class GrantStore:
    """Gives and takes grants, each with its security event, which has its occurrence."""

    def __init__(
        self,
        client: Client,
        database: Database,
        events: SecurityEventStore,
        occurrences: OccurrenceStore,
        head: AccessHead,
        guard: AccessGuard,
    ) -> None:
        self._client = client
        self._database = database
        self._users = database["users"]
        self._events = events
        self._occurrences = occurrences
        self._head = head
        self._guard = guard

    async def give(self, grant: Grant, event: SecurityEvent, receipt: Receipt | None) -> None:
        """Add the grant to the account of the event, on behalf of `grant.by`, and store the receipt.

        Raises Forbidden, GrantTooWide, UserNotFound, RoleNotFound, PermissionNotFound, GrantLimit, AlreadyAnswered.
        """
        await self._head.change(partial(self._give, grant=grant, event=event, receipt=receipt))

    async def _give(
        self, tx: AsyncClientSession, access: Access, *, grant: Grant, event: SecurityEvent, receipt: Receipt | None
    ) -> None:
        given = access.contents(grant)
        await self._guard.require_right(
            tx, access, grant.by, GIVING[grant.kind], grant.at, given=given, until=grant.until
        )
        account = await self._find({"_id": ObjectId(event.user_id), "is_active": True}, tx)
        kept = await self._end_expired(account, grant.at, tx)
        if len(kept) >= MAX_GRANTS:
            raise GrantLimit
        await self._users.update_one({"_id": account["_id"]}, {"$push": {"grants": _document(grant)}}, session=tx)
        await self._events.record(_with_details(event, grant), tx)
        await insert_receipt(self._database, receipt, tx)

    async def take(self, grant_id: str, event: SecurityEvent, *, author: str) -> None:
        """Remove the grant from the account of the event, active or not: it would come back with the account.

        Raises Forbidden, UserNotFound, GrantNotFound, LastAdmin.
        """
        await self._head.change(partial(self._take, grant_id=grant_id, event=event, author=author))

    async def _take(
        self, tx: AsyncClientSession, access: Access, *, grant_id: str, event: SecurityEvent, author: str
    ) -> None:
        account = await self._find({"_id": ObjectId(event.user_id)}, tx)
        grant = next((each for each in user_from(account).grants if each.grant_id == grant_id), None)
        if grant is None:
            raise GrantNotFound
        await self._guard.require_right(tx, access, author, TAKING[grant.kind], event.at)
        await self._remove(account, [grant], tx)
        if grant.until is None and Permission.ROLES_ASSIGN in access.given_by(grant):
            await self._guard.require_assigner(tx, access)
        await self._events.record(_with_details(event, replace(grant, reason="")), tx)

    async def find_expired(self, now: datetime, *, limit: int) -> Sequence[str]:
        """Return ids of accounts with grants that have run out."""
        found = await self._users.find({"grants.until": {"$lte": now}}, {"_id": 1}).limit(limit).to_list()
        return [str(document["_id"]) for document in found]

    async def end_expired(self, user_id: str, now: datetime) -> None:
        """Remove the account's grants that have run out, each with its occurrence, in one transaction. Idempotent."""

        async def work(tx: AsyncClientSession) -> None:
            account = await self._users.find_one({"_id": ObjectId(user_id)}, session=tx)
            if account is not None:
                await self._end_expired(account, now, tx)

        await in_transaction(self._client, work)

    async def _end_expired(self, account: Document, now: datetime, tx: AsyncClientSession) -> Sequence[Grant]:
        """Return the grants that remain."""
        grants = user_from(account).grants
        expired = [grant for grant in grants if not grant.is_live(now)]
        if expired:
            await self._remove(account, expired, tx)
        for grant in expired:
            await self._occurrences.record_new(_expiry(grant, str(account["_id"]), now), tx)
        return [grant for grant in grants if grant.is_live(now)]

    async def _remove(self, account: Document, grants: Sequence[Grant], tx: AsyncClientSession) -> None:
        ids = [ObjectId(grant.grant_id) for grant in grants]
        await self._users.update_one({"_id": account["_id"]}, {"$pull": {"grants": {"id": {"$in": ids}}}}, session=tx)

    async def _find(self, which: Document, tx: AsyncClientSession) -> Document:
        account = await self._users.find_one(which, session=tx)
        if account is None:
            raise UserNotFound
        return account


def _document(grant: Grant) -> Document:
    return {
        "id": ObjectId(grant.grant_id),
        "kind": grant.kind,
        "name": grant.name,
        "until": grant.until,
        "reason": grant.reason,
        "by": ObjectId(grant.by),
        "at": grant.at,
    }


def _facts(grant: Grant) -> dict[str, str]:
    facts = {"grant_id": grant.grant_id, "kind": grant.kind.value, "name": grant.name}
    return facts | ({"until": format_timestamp(grant.until)} if grant.until else {})


def _with_details(event: SecurityEvent, grant: Grant) -> SecurityEvent:
    reason = {"reason": grant.reason} if grant.reason else {}
    return replace(event, details={**event.details, **_facts(grant), **reason})


def _expiry(grant: Grant, user_id: str, now: datetime) -> Occurrence:
    return Occurrence(
        str(ObjectId()), OccurrenceType.GRANT_EXPIRED, now, SYSTEM, user_party(user_id), public=_facts(grant)
    )
