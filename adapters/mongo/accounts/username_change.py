"""A new username: held while its owner proves themself, then swapped everywhere in one transaction."""

from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.hashes import Hashes
from adapters.mongo.accounts.open_changes import OpenChanges, field_of, is_open, judge_beginning, open_change
from adapters.mongo.accounts.reservations import Holds, of_account
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.accounts.identifier_changes import USERNAME_QUARANTINE, Begun, ChangeOutcome, NewChange, is_too_soon
from domain.flows import FlowKind
from domain.username import username_key
from domain.users.security_events import SecurityEvent

KIND = FlowKind.USERNAME_CHANGE
REASON = "username-change"


class UsernameChangeStore:
    def __init__(self, client: Client, database: Database, changes: OpenChanges, hashes: Hashes) -> None:
        self._client = client
        self._users = database["users"]
        self._sessions = database["sessions"]
        self._holds = Holds(database)
        self._events = SecurityEventStore(database)
        self._changes = changes
        self._hashes = hashes

    async def begin(self, change: NewChange, username: str, *, until: datetime, event_id: str) -> Begun:
        """Hold the name and be the account's one open change, or neither. The hold of an older one goes.

        Keyed by the change's owner: beginning twice is beginning once, also when it has ended meanwhile.
        """

        async def work(inner: AsyncClientSession) -> Begun:
            if await self._events.is_recorded(event_id, inner):
                return Begun(ChangeOutcome.DONE)
            document = await self._users.find_one({"_id": ObjectId(change.user_id), "is_active": True}, session=inner)
            known = _judge(document, change)
            if document is None or known:
                return known or Begun(ChangeOutcome.GONE)
            if await self._is_borne(inner, username, document):
                return Begun(ChangeOutcome.TAKEN)
            await self._hold(inner, document, change, username, until)
            await self._changes.put(inner, document, change, hold_key=self._key(username))
            before = open_change(document, KIND)
            return Begun(ChangeOutcome.DONE, before["owner"] if before else None)

        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            return Begun(ChangeOutcome.TAKEN)

    async def swap(self, event: SecurityEvent, *, owner: str, username: str) -> ChangeOutcome:
        """The new name in the account and in its sessions, the old one in quarantine, the event: all or nothing.

        Keyed by the event: swapping twice is swapping once.
        """
        try:
            return await in_transaction(self._client, lambda inner: self._swap(inner, event, owner, username))
        except DuplicateKeyError:
            return ChangeOutcome.TAKEN

    async def release(self, user_id: str, *, owner: str, username: str) -> None:
        """Nothing came of the change: its name is free, its place too."""
        await self._changes.close(user_id, KIND, owner)
        await self._holds.release(self._key(username), owner=owner)

    async def _hold(
        self, inner: AsyncClientSession, document: Document, change: NewChange, username: str, until: datetime
    ) -> None:
        """Raises DuplicateKeyError when somebody else holds the name."""
        before, key, now = open_change(document, KIND), self._key(username), change.asked_at
        if before:
            await self._holds.release(before["hold_key"], owner=before["owner"], inner=inner)
        # What is held for the account stays so: the flow may come to nothing, and the quarantine goes on.
        if await self._holds.owner_of(key, now, inner) != of_account(change.user_id):
            await self._holds.take(key, owner=change.owner, until=until, now=now, reason=REASON, inner=inner)

    async def _is_borne(self, inner: AsyncClientSession, username: str, document: Document) -> bool:
        """By somebody else, or as it is by the account itself; other letter cases of one's own name are free."""
        others = {"username_key": username_key(username), "_id": {"$ne": document["_id"]}}
        is_others = await self._users.find_one(others, {"_id": 1}, session=inner) is not None
        return is_others or document["username"] == username

    async def _swap(self, inner: AsyncClientSession, event: SecurityEvent, owner: str, username: str) -> ChangeOutcome:
        if await self._events.is_recorded(event.event_id, inner):
            return ChangeOutcome.DONE
        document = await self._users.find_one({"_id": ObjectId(event.user_id), "is_active": True}, session=inner)
        if document is None:
            return ChangeOutcome.GONE
        if not is_open(document, KIND, owner):
            return ChangeOutcome.SUPERSEDED
        if is_too_soon(document["last_username_change"], event.at):
            return ChangeOutcome.TOO_SOON
        await self._move_holds(inner, event, owner, old=document["username"], new=username)
        await self._rename(inner, event, username)
        await self._events.record(event, inner)
        return ChangeOutcome.DONE

    async def _move_holds(
        self, inner: AsyncClientSession, event: SecurityEvent, owner: str, *, old: str, new: str
    ) -> None:
        """The new name is let go, for it is borne now; the old one is kept from others. Raises DuplicateKeyError."""
        mine, key, now = of_account(event.user_id), self._key(new), event.at
        if await self._holds.owner_of(key, now, inner) == mine:
            await self._holds.release(key, owner=mine, inner=inner)
        else:
            await self._holds.take(key, owner=owner, until=now, now=now, reason=REASON, inner=inner)
            await self._holds.release(key, owner=owner, inner=inner)
        if username_key(old) != username_key(new):
            until = now + USERNAME_QUARANTINE
            await self._holds.put(self._key(old), owner=mine, until=until, reason=REASON, inner=inner)

    async def _rename(self, inner: AsyncClientSession, event: SecurityEvent, username: str) -> None:
        """What the graph shows has changed, so the sync intent opens. Sessions bear a copy, for their tokens."""
        renamed = {
            "username": username,
            "username_key": username_key(username),
            "last_username_change": event.at,
            "sync_open_since": event.at,
            "updatedAt": event.at,
        }
        change: Document = {"$set": renamed, "$inc": {"profile_version": 1}, "$unset": {field_of(KIND): ""}}
        await self._users.update_one({"_id": ObjectId(event.user_id)}, change, session=inner)
        active = {"user_id": ObjectId(event.user_id), "is_active": True}
        await self._sessions.update_many(active, {"$set": {"username": username}}, session=inner)

    def _key(self, username: str) -> str:
        return self._hashes.username_hold(username_key(username))


def _judge(document: Document | None, change: NewChange) -> Begun | None:
    """What keeps a change from beginning, or that it began before."""
    if document is None:
        return Begun(ChangeOutcome.GONE)
    last: datetime | None = document["last_username_change"]
    if last and last > change.asked_at:
        return Begun(ChangeOutcome.SUPERSEDED)
    if is_too_soon(last, change.asked_at):
        return Begun(ChangeOutcome.TOO_SOON)
    return judge_beginning(document, change)
