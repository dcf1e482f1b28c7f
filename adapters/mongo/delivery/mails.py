"""One record per mail: what became of it, and a hash of whom it went to. What it said is kept nowhere."""

from datetime import datetime

from adapters.mongo.client import Database, Document
from domain.delivery.mail import MailKind, MailState

LONGEST_REPLY = 200


class MailStore:
    def __init__(self, database: Database) -> None:
        self._mails = database["mails"]
        self._users = database["users"]

    async def record(
        self,
        key: str,
        *,
        kind: MailKind,
        message_id: str,
        recipient_hash: str,
        now: datetime,
        state: MailState = MailState.RENDERED,
    ) -> MailState:
        """Make the record of this key, or find it. Returns its state."""
        first: Document = {
            "kind": kind,
            "message_id": message_id,
            "recipient_hash": recipient_hash,
            "state": state,
            "attempts": 0,
            "last_reply": None,
            "createdAt": now,
            "updatedAt": now,
        }
        await self._mails.update_one({"key": key}, {"$setOnInsert": first}, upsert=True)
        return await self.state(key)

    async def find_state(self, key: str) -> MailState | None:
        """None before it was recorded."""
        document = await self._mails.find_one({"key": key}, {"state": 1})
        return MailState(document["state"]) if document else None

    async def state(self, key: str) -> MailState:
        return await self.find_state(key) or MailState.RENDERED

    async def begin_try(self, key: str, now: datetime) -> None:
        step: Document = {"$set": {"state": MailState.SENDING, "updatedAt": now}, "$inc": {"attempts": 1}}
        await self._mails.update_one({"key": key}, step)

    async def end_try(self, key: str, *, state: MailState, reply: str, now: datetime) -> None:
        ended = {"state": state, "last_reply": reply[:LONGEST_REPLY], "updatedAt": now}
        await self._mails.update_one({"key": key}, {"$set": ended})

    async def drop_sealed(self, *, before: datetime, limit: int) -> int:
        """Forget recipient and variables of records older than `before`, at most `limit` of them.

        Records made since the end of November 2026 have none (docs/decisions/0042).
        """
        old = self._mails.find({"sealed_since": {"$lt": before}}, {"_id": 1}).limit(limit)
        ids = [document["_id"] for document in await old.to_list()]
        if not ids:
            return 0
        dropped = {"$unset": {"sealed": "", "sealed_since": ""}}
        return (await self._mails.update_many({"_id": {"$in": ids}}, dropped)).modified_count

    async def flag_address(self, email_key: str, *, reason: str, at: datetime) -> None:
        """Remember in the account of this address that a mail to it was refused for good."""
        flag = {"mail_flag": {"reason": reason, "at": at}}
        await self._users.update_one({"email_key": email_key}, {"$set": flag})
