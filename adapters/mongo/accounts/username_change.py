"""Changes of the username: held while the user proves the change, then swapped everywhere in one transaction."""

from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.accounts.open_changes import OpenChanges, change_field, is_open, open_change_in, outcome_of_start
from adapters.mongo.accounts.reservations import Reservations, account_holder
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import with_sync_intent
from domain.accounts.identifier_changes import (
    USERNAME_QUARANTINE,
    ChangeOutcome,
    ChangeStarted,
    NewChange,
    is_username_change_too_soon,
)
from domain.flows import FlowKind
from domain.username import username_key
from domain.users.security_events import SecurityEvent

KIND = FlowKind.USERNAME_CHANGE
HOLD_REASON = "username-change"


class UsernameChangeStore:
    """Changes of usernames. `workflow_id` names the change, as its owner on the account."""

    def __init__(
        self,
        client: Client,
        database: Database,
        events: SecurityEventStore,
        changes: OpenChanges,
        hashes: KeyedHashes,
    ) -> None:
        self._client = client
        self._users = database["users"]
        self._sessions = database["sessions"]
        self._holds = Reservations(database)
        self._events = events
        self._changes = changes
        self._hashes = hashes

    async def judge(self, user_id: str, username: str, now: datetime) -> ChangeOutcome:
        """Return what prevents a change to this name: TOO_SOON or TAKEN, GONE without an active account; else DONE.

        Nothing is held: `begin` judges again.
        """
        # The hold comes first: one of the account's own, open change is then seen in the document as well.
        holder = await self._holds.find_holder(self._key(username), now)
        document = await self._users.find_one({"_id": ObjectId(user_id), "is_active": True})
        if document is None:
            return ChangeOutcome.GONE
        if is_username_change_too_soon(document["last_username_change"], now):
            return ChangeOutcome.TOO_SOON
        own = open_change_in(document, KIND)
        is_held = holder not in (None, account_holder(user_id), own and own["owner"])
        return ChangeOutcome.TAKEN if is_held or await self._is_taken(username, document) else ChangeOutcome.DONE

    async def begin(self, change: NewChange, username: str, *, until: datetime, event_id: str) -> ChangeStarted:
        """Hold the name and make this the account's one open change, or neither. Releases the hold of an older change.

        Idempotent: keyed by the change's owner, also after the change has ended. DONE, with the workflow id of the
        change it replaces; GONE, SUPERSEDED, TOO_SOON or TAKEN otherwise.
        """

        async def work(tx: AsyncClientSession) -> ChangeStarted:
            if await self._events.is_recorded(event_id, tx):
                return ChangeStarted(ChangeOutcome.DONE)
            document = await self._users.find_one({"_id": ObjectId(change.user_id), "is_active": True}, session=tx)
            known = _outcome_of_start(document, change)
            if document is None or known:
                return known or ChangeStarted(ChangeOutcome.GONE)
            if await self._is_taken(username, document, tx):
                return ChangeStarted(ChangeOutcome.TAKEN)
            await self._hold(tx, document, change, username, until)
            await self._changes.open(tx, document, change, hold_key=self._key(username))
            before = open_change_in(document, KIND)
            return ChangeStarted(ChangeOutcome.DONE, before["owner"] if before else None)

        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            return ChangeStarted(ChangeOutcome.TAKEN)

    async def apply(self, event: SecurityEvent, *, workflow_id: str, username: str) -> ChangeOutcome:
        """Set the new name on the account and its sessions, hold the old one, record the event, in one transaction.

        Idempotent: keyed by the event. DONE; or GONE, SUPERSEDED, TOO_SOON or TAKEN, and nothing is written.
        """
        try:
            return await in_transaction(self._client, lambda tx: self._apply(tx, event, workflow_id, username))
        except DuplicateKeyError:
            return ChangeOutcome.TAKEN

    async def release(self, user_id: str, *, workflow_id: str, username: str) -> None:
        """Close the change without effect and release its name."""
        await self._changes.close(user_id, KIND, workflow_id)
        await self._holds.release(self._key(username), holder=workflow_id)

    async def _hold(
        self, tx: AsyncClientSession, document: Document, change: NewChange, username: str, until: datetime
    ) -> None:
        """Raises DuplicateKeyError when another holder has the name."""
        before, key, now = open_change_in(document, KIND), self._key(username), change.asked_at
        if before:
            await self._holds.release(before["hold_key"], holder=before["owner"], tx=tx)
        # A hold for the account itself stays: if the flow has no effect, the quarantine goes on.
        if await self._holds.find_holder(key, now, tx) != account_holder(change.user_id):
            await self._holds.reserve(key, holder=change.owner, until=until, now=now, reason=HOLD_REASON, tx=tx)

    async def _is_taken(self, username: str, document: Document, tx: AsyncClientSession | None = None) -> bool:
        """Whether another account has the name, or this account has it in exactly this spelling.

        Other letter cases of the account's own name are free.
        """
        others = {"username_key": username_key(username), "_id": {"$ne": document["_id"]}}
        has_other = await self._users.find_one(others, {"_id": 1}, session=tx) is not None
        return has_other or document["username"] == username

    async def _apply(
        self, tx: AsyncClientSession, event: SecurityEvent, workflow_id: str, username: str
    ) -> ChangeOutcome:
        if await self._events.is_recorded(event.event_id, tx):
            return ChangeOutcome.DONE
        document = await self._users.find_one({"_id": ObjectId(event.user_id), "is_active": True}, session=tx)
        if document is None:
            return ChangeOutcome.GONE
        if not is_open(document, KIND, workflow_id):
            return ChangeOutcome.SUPERSEDED
        if is_username_change_too_soon(document["last_username_change"], event.at):
            return ChangeOutcome.TOO_SOON
        await self._move_holds(tx, event, workflow_id, old=document["username"], new=username)
        await self._rename(tx, event, username)
        await self._events.record(event, tx)
        return ChangeOutcome.DONE

    async def _move_holds(
        self, tx: AsyncClientSession, event: SecurityEvent, workflow_id: str, *, old: str, new: str
    ) -> None:
        """Release the hold on the new name, which the account has from now on, and hold the old one.

        Raises DuplicateKeyError when another holder has the new name.
        """
        holder, key, now = account_holder(event.user_id), self._key(new), event.at
        if await self._holds.find_holder(key, now, tx) == holder:
            await self._holds.release(key, holder=holder, tx=tx)
        else:
            await self._holds.reserve(key, holder=workflow_id, until=now, now=now, reason=HOLD_REASON, tx=tx)
            await self._holds.release(key, holder=workflow_id, tx=tx)
        if username_key(old) != username_key(new):
            until = now + USERNAME_QUARANTINE
            await self._holds.force_reserve(self._key(old), holder=holder, until=until, reason=HOLD_REASON, tx=tx)

    async def _rename(self, tx: AsyncClientSession, event: SecurityEvent, username: str) -> None:
        """Set the name. The graph shows it, so the sync intent opens.

        Sessions have a copy, for their access tokens.
        """
        renamed = {"username": username, "username_key": username_key(username), "last_username_change": event.at}
        change = with_sync_intent(renamed, event.at)
        change["$unset"][change_field(KIND)] = ""
        await self._users.update_one({"_id": ObjectId(event.user_id)}, change, session=tx)
        active = {"user_id": ObjectId(event.user_id), "is_active": True}
        await self._sessions.update_many(active, {"$set": {"username": username}}, session=tx)

    def _key(self, username: str) -> str:
        return self._hashes.username_hold_key(username_key(username))


def _outcome_of_start(document: Document | None, change: NewChange) -> ChangeStarted | None:
    """Return the outcome that prevents a start, or DONE for a change that already began; None otherwise."""
    if document is None:
        return ChangeStarted(ChangeOutcome.GONE)
    last: datetime | None = document["last_username_change"]
    if last and last > change.asked_at:
        return ChangeStarted(ChangeOutcome.SUPERSEDED)
    if is_username_change_too_soon(last, change.asked_at):
        return ChangeStarted(ChangeOutcome.TOO_SOON)
    return outcome_of_start(document, change)
