"""An address taken back by whoever still reads the mail of the old one."""

from collections.abc import Sequence

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.hashes import Hashes
from adapters.mongo.accounts.open_changes import field_of, open_change
from adapters.mongo.accounts.reservations import Holds, of_account
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.accounts.identifier_changes import ChangeOutcome
from domain.email_address import email_key
from domain.flows import FlowKind
from domain.users.security_events import SecurityEvent

CHANGE = FlowKind.EMAIL_CHANGE
Reverted = tuple[ChangeOutcome, Sequence[str]]


class EmailRevertStore:
    def __init__(self, client: Client, database: Database, hashes: Hashes) -> None:
        self._client = client
        self._users = database["users"]
        self._sessions = SessionStore(client, database)
        self._holds = Holds(database)
        self._events = SecurityEventStore(database)
        self._hashes = hashes

    async def revert(self, event: SecurityEvent, *, owner: str, address: str) -> Reverted:
        """The address as it was, all sessions ended, later changes and reverts closed, the event: all or nothing.

        Keyed by the event: reverting twice is reverting once. Names the workflows that are closed by it. A
        deactivated account gets its address back as well.
        """

        async def work(inner: AsyncClientSession) -> Reverted:
            document = await self._users.find_one({"_id": ObjectId(event.user_id)}, session=inner)
            if document is None:
                return ChangeOutcome.GONE, ()
            if await self._events.is_recorded(event.event_id, inner):
                return ChangeOutcome.DONE, _closed_before(document, owner)
            if not any(each["owner"] == owner for each in document.get("email_reverts", [])):
                return ChangeOutcome.SUPERSEDED, ()
            closed = _closed_by(document, owner)
            await self._restore(inner, document, event, owner, address, closed)
            await self._sessions.end_within(inner, event)
            key = self._hashes.email_hold(email_key(address))
            await self._holds.release(key, owner=of_account(event.user_id), inner=inner)
            await self._events.record(event, inner)
            return ChangeOutcome.DONE, closed

        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            return ChangeOutcome.TAKEN, ()

    async def _restore(
        self,
        inner: AsyncClientSession,
        document: Document,
        event: SecurityEvent,
        owner: str,
        address: str,
        closed: Sequence[str],
    ) -> None:
        """Raises DuplicateKeyError when the address has become somebody else's."""
        mine_and_later = {owner, *closed}
        earlier = [each for each in document["email_reverts"] if each["owner"] not in mine_and_later]
        restored = {
            "email": address,
            "email_key": email_key(address),
            "last_email_change": event.at,
            "email_reverts": earlier,
            "email_reverted": {"at": event.at, "by": owner, "closed": list(closed)},
            "updatedAt": event.at,
        }
        change: Document = {
            "$set": restored,
            "$inc": {"session_epoch": 1},
            "$unset": {field_of(CHANGE): "", "mail_flag": ""},
        }
        await self._users.update_one({"_id": document["_id"]}, change, session=inner)


def _closed_by(document: Document, owner: str) -> list[str]:
    """The open change, and the reverts of changes later than the one that `owner` takes back."""
    change = open_change(document, CHANGE)
    owners = [each["owner"] for each in document["email_reverts"]]
    return [*([change["owner"]] if change else []), *owners[owners.index(owner) + 1 :]]


def _closed_before(document: Document, owner: str) -> list[str]:
    """What the revert closed when it happened; nothing once another has followed it."""
    reverted = document.get("email_reverted", {})
    closed: list[str] = reverted["closed"] if reverted.get("by") == owner else []
    return closed
