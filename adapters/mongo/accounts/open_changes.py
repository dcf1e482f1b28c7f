"""The one change of each kind that an account may have under way; it stands in the account's own document."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.crypto.sealing import FieldCipher
from adapters.mongo.client import Database, Document
from domain.accounts.identifier_changes import ChangeOutcome, ChangeStarted, NewChange
from domain.email_address import email_key
from domain.flows import FlowKind


class OpenChanges:
    def __init__(self, database: Database, cipher: FieldCipher) -> None:
        self._users = database["users"]
        self._cipher = cipher

    async def open(self, tx: AsyncClientSession, document: Document, change: NewChange, **facts: object) -> None:
        """Let this change take the place of the one before, which it names. `facts` are the kind's own."""
        before = open_change_in(document, change.kind)
        sealed = self._cipher.encrypt(change.flow_id.encode(), context=change.user_id)
        put = {
            "owner": change.owner,
            "asked_at": change.asked_at,
            "flow": {"key_id": sealed.key_id, "data": sealed.data},
            "superseded": before["owner"] if before else None,
            **facts,
        }
        mine = {"_id": ObjectId(change.user_id)}
        await self._users.update_one(mine, {"$set": {change_field(change.kind): put}}, session=tx)

    async def close(self, user_id: str, kind: FlowKind, workflow_id: str) -> None:
        """The change has come to nothing. One that has taken its place stays."""
        mine = {"_id": ObjectId(user_id), f"{change_field(kind)}.owner": workflow_id}
        await self._users.update_one(mine, {"$unset": {change_field(kind): ""}})


def change_field(kind: FlowKind) -> str:
    return f"open_changes.{kind}"


def is_open(document: Document, kind: FlowKind, workflow_id: str) -> bool:
    """Whether this change is still the account's open one."""
    found = open_change_in(document, kind)
    return found is not None and found["owner"] == workflow_id


def address_change(address: str, *, at: datetime, reverts: Sequence[Document], **facts: object) -> Document:
    """The update that gives an account this mail address: sessions of its epoch end, an open change of address closes,
    and what is known of the former address as a bad one is dropped. `reverts`: what can still be taken back.
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
    """What is known of a change that begins: that it began before, or that a newer one did. None when neither."""
    before = open_change_in(document, change.kind)
    if before and before["owner"] == change.owner:
        return ChangeStarted(ChangeOutcome.DONE, before["superseded"])
    if before and before["asked_at"] > change.asked_at:
        return ChangeStarted(ChangeOutcome.SUPERSEDED)
    return None


def open_change_in(document: Document, kind: FlowKind) -> Document | None:
    """The change of this kind in an account's document."""
    found: Document | None = document.get("open_changes", {}).get(kind)
    return found
