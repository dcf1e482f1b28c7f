"""Reverts of a change of address, by the owner of the old mailbox."""

from collections.abc import Sequence

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.accounts.open_changes import address_change, open_change_in
from adapters.mongo.accounts.reservations import Reservations, account_holder
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.accounts.identifier_changes import ChangeOutcome
from domain.email_address import email_key
from domain.flows import FlowKind
from domain.users.security_events import SecurityEvent

Reverted = tuple[ChangeOutcome, Sequence[str]]


class EmailRevertStore:
    """Reverts of changes of address. `workflow_id` names the revert's flow."""

    def __init__(
        self,
        client: Client,
        database: Database,
        events: SecurityEventStore,
        sessions: SessionStore,
        hashes: KeyedHashes,
    ) -> None:
        self._client = client
        self._users = database["users"]
        self._sessions = sessions
        self._holds = Reservations(database)
        self._events = events
        self._hashes = hashes

    async def revert(self, event: SecurityEvent, *, workflow_id: str, email_address: str) -> Reverted:
        """Restore the old address, end all sessions, close this and all later changes and record the event, in one
        transaction. A deactivated account gets its address back as well.

        DONE, also for an event that is already recorded, with the workflow ids of the flows that it closes; GONE
        without an account; SUPERSEDED when this revert is no longer open; TAKEN when another account has the address by
        now.
        """

        async def work(tx: AsyncClientSession) -> Reverted:
            account = await self._users.find_one({"_id": ObjectId(event.user_id)}, session=tx)
            if account is None:
                return ChangeOutcome.GONE, ()
            if await self._events.is_recorded(event.event_id, tx):
                return ChangeOutcome.DONE, _closed_before(account, workflow_id)
            if workflow_id not in _open_reverts(account):
                return ChangeOutcome.SUPERSEDED, ()
            closed = _closed_by(account, workflow_id)
            await self._set_address(tx, account, event, workflow_id, email_address, closed)
            await self._sessions.end_within(tx, event)
            hold = self._hashes.email_hold_key(email_key(email_address))
            await self._holds.release(hold, holder=account_holder(event.user_id), tx=tx)
            await self._events.record(event, tx)
            return ChangeOutcome.DONE, closed

        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            # A concurrent change took the address first: the unique index on addresses decides.
            return ChangeOutcome.TAKEN, ()

    async def _set_address(
        self,
        tx: AsyncClientSession,
        account: Document,
        event: SecurityEvent,
        workflow_id: str,
        email_address: str,
        closed: Sequence[str],
    ) -> None:
        """Raises DuplicateKeyError when another account has the address."""
        earlier = [entry for entry in account["email_reverts"] if entry["owner"] not in {workflow_id, *closed}]
        reverted = {"at": event.at, "by": workflow_id, "closed": list(closed)}
        change = address_change(email_address, at=event.at, reverts=earlier, email_reverted=reverted)
        await self._users.update_one({"_id": account["_id"]}, change, session=tx)


def _open_reverts(account: Document) -> list[str]:
    """Return the workflow ids of the open reverts, in the order of their changes."""
    return [entry["owner"] for entry in account.get("email_reverts", [])]


def _closed_by(account: Document, workflow_id: str) -> list[str]:
    """Return the workflow ids of the open change and of the reverts of changes later than that of `workflow_id`."""
    change, reverts = open_change_in(account, FlowKind.EMAIL_CHANGE), _open_reverts(account)
    later = reverts[reverts.index(workflow_id) + 1 :]
    return [change["owner"], *later] if change else later


def _closed_before(document: Document, workflow_id: str) -> list[str]:
    """Return what this revert closed when it was applied; nothing once a later revert has followed it."""
    reverted = document.get("email_reverted", {})
    closed: list[str] = reverted["closed"] if reverted.get("by") == workflow_id else []
    return closed
