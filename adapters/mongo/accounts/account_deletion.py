"""Deactivated accounts. The account's document holds the state of its deletion.

Every decision is one compare-and-set on that document. `deletion_key` names one deactivation. `deletion_open_since` is
the intent: the deletion flow has still to be started, or notified that the account is active again.
"""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.assistant.turn_documents import ask_to_stop
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.access_guard import AccessGuard
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import user_from, with_sync_intent
from domain.accounts.account_deletion import Deletion, DeletionStatus
from domain.users.security_events import SecurityEvent

OLDEST_INTENT_FIRST = [("deletion_open_since", 1)]


class DeletionStore:
    """Deactivation and reactivation of accounts, and the open intents of deletion flows."""

    def __init__(
        self,
        client: Client,
        database: Database,
        events: SecurityEventStore,
        sessions: SessionStore,
        guard: AccessGuard,
    ) -> None:
        self._client = client
        self._sessions = sessions
        self._guard = guard
        self._users = database["users"]
        self._turns = database["turns"]
        self._tombstones = database["tombstones"]
        self._events = events

    async def deactivate(self, event: SecurityEvent, *, deletion_key: str, deletion_at: datetime, epoch: int) -> bool:
        """Hide the account, end its sessions and open turns, open the intents and record the event, in one transaction.

        False when the account is no longer active, or when its session epoch is not `epoch`, that of the caller's
        session. Raises LastAdmin.
        """

        async def work(tx: AsyncClientSession) -> bool:
            active = {"_id": ObjectId(event.user_id), "is_active": True, "session_epoch": epoch}
            change = _deactivated_fields(event.at, deletion_key, deletion_at)
            account = await self._users.find_one_and_update(active, change, session=tx)
            if account is None:
                return False
            await self._guard.lock_assigner(tx, user_from(account))
            await self._sessions.end_within(tx, event)
            await ask_to_stop(self._turns, {"user_id": account["_id"]}, event.at, tx)
            await self._events.record(event, tx)
            return True

        return await in_transaction(self._client, work)

    async def reactivate(self, event: SecurityEvent, *, epoch: int) -> str | None:
        """Undo the deactivation and record the event, in one transaction.

        Returns the deletion key; None when there is no deactivation to undo (any more), or when the session epoch is
        not `epoch`: the password that was checked has been changed since.
        """

        async def work(tx: AsyncClientSession) -> str | None:
            same = {"_id": ObjectId(event.user_id), "is_active": False, "session_epoch": epoch}
            deactivated = same | {"deletion_key": {"$exists": True}}
            account = await self._users.find_one_and_update(deactivated, _active_fields(event.at), session=tx)
            if account is None:
                return None
            await self._events.record(event, tx)
            return str(account["deletion_key"])

        return await in_transaction(self._client, work)

    async def find(self, deletion_key: str) -> Deletion | None:
        """Return the state of this deactivation; None when neither an account nor a tombstone has its key."""
        account = await self._users.find_one({"deletion_key": deletion_key})
        if account is not None:
            return _deletion_from_account(account)
        tombstone = await self._tombstones.find_one({"deletion_key": deletion_key})
        return _deletion_from_tombstone(tombstone) if tombstone else None

    async def find_open(self, *, before: datetime, limit: int) -> Sequence[Deletion]:
        """Return deletions with an intent opened before `before`, oldest first, from partial indexes.

        They are of accounts that are deactivated, active again or being erased: up to `limit` accounts and `limit`
        tombstones.
        """
        older = {"deletion_open_since": {"$lt": before}}
        accounts = await self._users.find(older).sort(OLDEST_INTENT_FIRST).limit(limit).to_list()
        tombstones = await self._tombstones.find(older).sort(OLDEST_INTENT_FIRST).limit(limit).to_list()
        return [*map(_deletion_from_account, accounts), *map(_deletion_from_tombstone, tombstones)]

    async def close_intent(self, deletion_key: str, *, is_back: bool) -> None:
        """Close the intent, unless the account's state has changed meanwhile.

        `is_back`: the state that was handled, active (True) or deactivated (False).
        """
        unchanged = {"deletion_key": deletion_key, "is_active": is_back}
        await self._users.update_one(unchanged, {"$unset": {"deletion_open_since": ""}})


def _deactivated_fields(at: datetime, deletion_key: str, deletion_at: datetime) -> Document:
    fields = {
        "is_active": False,
        "deactivated_at": at,
        "deletion_at": deletion_at,
        "deletion_key": deletion_key,
        "deletion_open_since": at,
    }
    change = with_sync_intent(fields, at)
    change["$inc"]["session_epoch"] = 1
    return change


def _active_fields(at: datetime) -> Document:
    change = with_sync_intent({"is_active": True, "deletion_open_since": at}, at)
    change["$unset"] |= {"deactivated_at": "", "deletion_at": ""}
    return change


def _deletion_from_account(document: Document) -> Deletion:
    user_id, key = str(document["_id"]), document["deletion_key"]
    if document["is_active"]:
        return Deletion(user_id, key, DeletionStatus.BACK, is_done="deletion_open_since" not in document)
    return Deletion(
        user_id,
        key,
        DeletionStatus.LEAVING,
        deletion_at=document["deletion_at"],
        username=document["username"],
        email_address=document["email"],
    )


def _deletion_from_tombstone(document: Document) -> Deletion:
    is_done = "deletion_open_since" not in document
    return Deletion(str(document["_id"]), document["deletion_key"], DeletionStatus.ERASED, is_done=is_done)
