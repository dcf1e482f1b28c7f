"""A new mail address: who has it, the swap in one transaction, and the hold on the old one."""

from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.hashes import Hashes
from adapters.mongo.accounts.open_changes import OpenChanges, address_change, is_open, judge_beginning, open_change
from adapters.mongo.accounts.reservations import Holds, of_account
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.accounts.identifier_changes import EMAIL_HOLD, REVERT_LIFE, Begun, ChangeOutcome, NewChange, is_barred
from domain.email_address import email_key
from domain.flows import FlowKind
from domain.users.security_events import SecurityEvent

KIND = FlowKind.EMAIL_CHANGE
REASON = "email-change"


class EmailChangeStore:
    def __init__(self, client: Client, database: Database, changes: OpenChanges, hashes: Hashes) -> None:
        self._client = client
        self._users = database["users"]
        self._sessions = SessionStore(client, database)
        self._holds = Holds(database)
        self._events = SecurityEventStore(database)
        self._changes = changes
        self._hashes = hashes

    async def begin(self, change: NewChange, *, event_id: str) -> Begun:
        """Be the account's one open change. Beginning twice is beginning once, also when it has ended meanwhile."""

        async def work(inner: AsyncClientSession) -> Begun:
            if await self._events.is_recorded(event_id, inner):
                return Begun(ChangeOutcome.DONE)
            document = await self._users.find_one({"_id": ObjectId(change.user_id), "is_active": True}, session=inner)
            if document is None:
                return Begun(ChangeOutcome.GONE)
            known = _judge(document, change)
            if known:
                return known
            await self._changes.put(inner, document, change)
            before = open_change(document, KIND)
            return Begun(ChangeOutcome.DONE, before["owner"] if before else None)

        return await in_transaction(self._client, work)

    async def find_bearer(self, address: str, *, but_for: str, now: datetime) -> str | None:
        """The address as somebody else's account has it, or as it is held for one; None when it can be had."""
        others = {"email_key": email_key(address), "_id": {"$ne": ObjectId(but_for)}}
        document = await self._users.find_one(others, {"email": 1})
        holder = await self._holds.owner_of(self._key(address), now)
        if document is None:
            return None if holder in (None, of_account(but_for)) else address
        bearer: str = document["email"]
        return bearer

    async def swap(
        self, event: SecurityEvent, *, owner: str, address: str, kept_session: str, revert: str
    ) -> ChangeOutcome:
        """Give the account the new address and hold the old one for it; end all sessions but one; open a revert; record
        the event: all or nothing.

        `owner` and `revert` are the workflow ids of the change and of what can take it back. DONE, also for an event
        that is recorded already; GONE without an active account; SUPERSEDED when another change has taken this one's
        place; TAKEN when the address is another's, or held for another; SIGNED_OUT when the kept session has ended.
        """

        async def work(tx: AsyncClientSession) -> ChangeOutcome:
            if await self._events.is_recorded(event.event_id, tx):
                return ChangeOutcome.DONE
            account = await self._users.find_one({"_id": ObjectId(event.user_id), "is_active": True}, session=tx)
            if account is None:
                return ChangeOutcome.GONE
            if not is_open(account, KIND, owner):
                return ChangeOutcome.SUPERSEDED
            if await self._is_held_for_another(tx, address, event):
                return ChangeOutcome.TAKEN
            if not await self._sessions.move_to_next_epoch_within(
                tx, kept_session, user_id=event.user_id, epoch=account["session_epoch"]
            ):
                return ChangeOutcome.SIGNED_OUT
            await self._set_address(tx, account, event, address, revert)
            await self._move_holds(tx, event, old=account["email"], new=address)
            await self._sessions.end_within(tx, event, keep=kept_session)
            await self._events.record(event, tx)
            return ChangeOutcome.DONE

        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            # The unique index on addresses has decided a race.
            return ChangeOutcome.TAKEN

    async def release(self, user_id: str, *, owner: str) -> None:
        """Nothing came of the change."""
        await self._changes.close(user_id, KIND, owner)

    async def _is_held_for_another(self, tx: AsyncClientSession, address: str, event: SecurityEvent) -> bool:
        holder = await self._holds.owner_of(self._key(address), event.at, tx)
        return holder not in (None, of_account(event.user_id))

    async def _set_address(
        self, tx: AsyncClientSession, account: Document, event: SecurityEvent, address: str, revert: str
    ) -> None:
        """Raises DuplicateKeyError when another account has the address."""
        living = [each for each in account.get("email_reverts", []) if each["at"] > event.at - REVERT_LIFE]
        change = address_change(address, at=event.at, reverts=[*living, {"owner": revert, "at": event.at}])
        await self._users.update_one({"_id": account["_id"]}, change, session=tx)

    async def _move_holds(self, inner: AsyncClientSession, event: SecurityEvent, *, old: str, new: str) -> None:
        mine, until = of_account(event.user_id), event.at + EMAIL_HOLD
        await self._holds.release(self._key(new), owner=mine, inner=inner)
        await self._holds.put(self._key(old), owner=mine, until=until, reason=REASON, inner=inner)

    def _key(self, address: str) -> str:
        return self._hashes.email_hold(email_key(address))


def _judge(document: Document, change: NewChange) -> Begun | None:
    """What keeps a change from beginning, or that it began before."""
    last: datetime | None = document["last_email_change"]
    if last and last > change.asked_at:
        return Begun(ChangeOutcome.SUPERSEDED)
    if is_barred(document.get("email_reverted", {}).get("at"), change.asked_at):
        return Begun(ChangeOutcome.BARRED)
    return judge_beginning(document, change)
