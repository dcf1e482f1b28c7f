"""The one open change of each kind that an account may have, in the account's own document."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.crypto.field_cipher import FieldCipher
from adapters.mongo.client import Database, Document
from domain.accounts.identifier_changes import ChangeOutcome, ChangeStarted, NewChange
from domain.email_address import email_key
from domain.flows import FlowKind


class OpenChanges:
    """Opens and closes changes on accounts. The flow id of a change is stored encrypted."""

    def __init__(self, database: Database, cipher: FieldCipher) -> None:
        self._users = database["users"]
        self._cipher = cipher

    async def open(self, tx: AsyncClientSession, document: Document, change: NewChange, **facts: object) -> None:
        """Make this the account's open change of its kind and name the one it replaces. `facts`: the kind's fields."""
        before = open_change_in(document, change.kind)
        sealed = self._cipher.encrypt(change.flow_id.encode(), context=change.user_id)
        put = {
            "owner": change.owner,
            "asked_at": change.asked_at,
            "epoch": change.epoch,
            "flow": {"key_id": sealed.key_id, "data": sealed.data},
            "superseded": before["owner"] if before else None,
            **facts,
        }
        account = {"_id": ObjectId(change.user_id)}
        await self._users.update_one(account, {"$set": {change_field(change.kind): put}}, session=tx)

    async def close(self, user_id: str, kind: FlowKind, workflow_id: str) -> None:
        """Close the change. A newer one that has replaced it stays."""
        unchanged = {"_id": ObjectId(user_id), f"{change_field(kind)}.owner": workflow_id}
        await self._users.update_one(unchanged, {"$unset": {change_field(kind): ""}})


def change_field(kind: FlowKind) -> str:
    """Return the path of the open change of this kind in an account's document."""
    return f"open_changes.{kind}"


def is_open(document: Document, kind: FlowKind, workflow_id: str) -> bool:
    """Whether this change is still the account's open one, and not all sessions have been ended since it began."""
    change = open_change_in(document, kind)
    if change is None or change["owner"] != workflow_id:
        return False
    return change.get("epoch") in (None, document["session_epoch"])


def address_change(address: str, *, at: datetime, reverts: Sequence[Document], **facts: object) -> Document:
    """Return the update that sets this mail address on an account.

    It raises the session epoch, which ends the sessions, closes an open change of address, and drops the flag of a
    bounced former address. `reverts`: the changes that can still be reverted. `facts`: more fields.
    """
    fields = {
        "email": address,
        "email_key": email_key(address),
        "last_email_change": at,
        "email_reverts": list(reverts),
        "updatedAt": at,
    }
    return {
        "$set": fields | facts,
        "$inc": {"session_epoch": 1},
        "$unset": {change_field(FlowKind.EMAIL_CHANGE): "", "mail_flag": ""},
    }


def outcome_of_start(document: Document, change: NewChange) -> ChangeStarted | None:
    """Return DONE for a change that already began, SUPERSEDED when a newer one did, GONE when the sessions of its time
    have all been ended; None otherwise.
    """
    before = open_change_in(document, change.kind)
    if before and before["owner"] == change.owner:
        return ChangeStarted(ChangeOutcome.DONE, before["superseded"])
    if before and before["asked_at"] > change.asked_at:
        return ChangeStarted(ChangeOutcome.SUPERSEDED)
    if change.epoch not in (None, document["session_epoch"]):
        return ChangeStarted(ChangeOutcome.GONE)
    return None


def open_change_in(document: Document, kind: FlowKind) -> Document | None:
    """Return the open change of this kind in an account's document; None when there is none."""
    change: Document | None = document.get("open_changes", {}).get(kind)
    return change
