"""Changes of the mail address: availability, the swap in one transaction, and the hold on the old address."""

from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.accounts.address_holders import AddressHolders
from adapters.mongo.accounts.open_changes import OpenChanges, address_change, is_open, open_change_in, outcome_of_start
from adapters.mongo.accounts.reservations import Reservations, account_holder
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.accounts.identifier_changes import (
    REVERT_WINDOW,
    ChangeOutcome,
    ChangeStarted,
    NewChange,
    is_email_change_barred,
)
from domain.email_address import email_key
from domain.flows import FlowKind
from domain.users.security_events import SecurityEvent

KIND = FlowKind.EMAIL_CHANGE


class EmailChangeStore:
    """Changes of mail addresses. `workflow_id` names the change, as its owner on the account."""

    def __init__(
        self,
        client: Client,
        database: Database,
        events: SecurityEventStore,
        sessions: SessionStore,
        changes: OpenChanges,
        address_holders: AddressHolders,
        hashes: KeyedHashes,
    ) -> None:
        self._client = client
        self._users = database["users"]
        self._sessions = sessions
        self._holds = Reservations(database)
        self._events = events
        self._changes = changes
        self._address_holders = address_holders
        self._hashes = hashes

    async def begin(self, change: NewChange, *, event_id: str) -> ChangeStarted:
        """Make this the account's one open change of address. Idempotent, also after the change has ended.

        DONE, with the workflow id of the change it replaces; GONE without an active account; SUPERSEDED by a newer
        change; BARRED for some days after a revert.
        """

        async def work(tx: AsyncClientSession) -> ChangeStarted:
            if await self._events.is_recorded(event_id, tx):
                return ChangeStarted(ChangeOutcome.DONE)
            document = await self._users.find_one({"_id": ObjectId(change.user_id), "is_active": True}, session=tx)
            if document is None:
                return ChangeStarted(ChangeOutcome.GONE)
            known = _outcome_of_start(document, change)
            if known:
                return known
            await self._changes.open(tx, document, change)
            before = open_change_in(document, KIND)
            return ChangeStarted(ChangeOutcome.DONE, before["owner"] if before else None)

        return await in_transaction(self._client, work)

    async def is_barred(self, user_id: str, now: datetime) -> bool:
        """Whether `begin` would answer BARRED."""
        document = await self._users.find_one({"_id": ObjectId(user_id)}, {"email_reverted": 1})
        return document is not None and _is_barred(document, now)

    async def apply(
        self,
        event: SecurityEvent,
        *,
        workflow_id: str,
        email_address: str,
        keep_session_id: str,
        revert_workflow_id: str,
    ) -> ChangeOutcome:
        """Set the new address, hold the old one for the account, end all sessions but one, open a revert and record the
        event, in one transaction.

        `workflow_id` and `revert_workflow_id` are those of the change and of the flow that can revert it. DONE, also
        for an event that is already recorded; GONE without an active account; SUPERSEDED when another change has
        replaced this one; TAKEN when another account has the address or it is held for one; SIGNED_OUT when the kept
        session has ended.
        """

        async def work(tx: AsyncClientSession) -> ChangeOutcome:
            if await self._events.is_recorded(event.event_id, tx):
                return ChangeOutcome.DONE
            account = await self._users.find_one({"_id": ObjectId(event.user_id), "is_active": True}, session=tx)
            if account is None:
                return ChangeOutcome.GONE
            if not is_open(account, KIND, workflow_id):
                return ChangeOutcome.SUPERSEDED
            if await self._is_held_for_another(tx, email_address, event):
                return ChangeOutcome.TAKEN
            if not await self._sessions.move_to_next_epoch_within(
                tx, keep_session_id, user_id=event.user_id, epoch=account["session_epoch"]
            ):
                return ChangeOutcome.SIGNED_OUT
            await self._set_address(tx, account, event, email_address, revert_workflow_id)
            await self._move_holds(tx, event, old=account["email"], new=email_address)
            await self._sessions.end_within(tx, event, keep=keep_session_id)
            await self._events.record(event, tx)
            return ChangeOutcome.DONE

        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            # A concurrent change took the address first: the unique index on addresses decides.
            return ChangeOutcome.TAKEN

    async def release(self, user_id: str, *, workflow_id: str) -> None:
        """Close the change without effect."""
        await self._changes.close(user_id, KIND, workflow_id)

    async def _is_held_for_another(self, tx: AsyncClientSession, email_address: str, event: SecurityEvent) -> bool:
        holder = await self._holds.find_holder(self._key(email_address), event.at, tx)
        return holder not in (None, account_holder(event.user_id))

    async def _set_address(
        self, tx: AsyncClientSession, account: Document, event: SecurityEvent, email_address: str, revert: str
    ) -> None:
        """Raises DuplicateKeyError when another account has the address."""
        open_reverts = [entry for entry in account.get("email_reverts", []) if entry["at"] > event.at - REVERT_WINDOW]
        change = address_change(email_address, at=event.at, reverts=[*open_reverts, {"owner": revert, "at": event.at}])
        await self._users.update_one({"_id": account["_id"]}, change, session=tx)

    async def _move_holds(self, tx: AsyncClientSession, event: SecurityEvent, *, old: str, new: str) -> None:
        await self._holds.release(self._key(new), holder=account_holder(event.user_id), tx=tx)
        await self._address_holders.hold(tx, old, user_id=event.user_id, now=event.at)

    def _key(self, email_address: str) -> str:
        return self._hashes.email_hold_key(email_key(email_address))


def _outcome_of_start(document: Document, change: NewChange) -> ChangeStarted | None:
    """Return the outcome that prevents a start, or DONE for a change that already began; None otherwise."""
    last: datetime | None = document["last_email_change"]
    if last and last > change.asked_at:
        return ChangeStarted(ChangeOutcome.SUPERSEDED)
    if _is_barred(document, change.asked_at):
        return ChangeStarted(ChangeOutcome.BARRED)
    return outcome_of_start(document, change)


def _is_barred(document: Document, now: datetime) -> bool:
    return is_email_change_barred(document.get("email_reverted", {}).get("at"), now)
