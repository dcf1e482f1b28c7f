"""One record per mail: what became of it, and a hash of whom it went to. What it said is kept nowhere."""

from datetime import datetime

from adapters.mongo.client import Database, Document
from domain.delivery.mail import MailKind, MailState

MAX_REPLY_LENGTH = 200


class MailStore:
    def __init__(self, database: Database) -> None:
        self._mails = database["mails"]
        self._users = database["users"]

    async def record(
        self,
        mail_key: str,
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
        await self._mails.update_one({"key": mail_key}, {"$setOnInsert": first}, upsert=True)
        return await self.get_state(mail_key)

    async def find_state(self, mail_key: str) -> MailState | None:
        """None before it was recorded."""
        document = await self._mails.find_one({"key": mail_key}, {"state": 1})
        return MailState(document["state"]) if document else None

    async def get_state(self, mail_key: str) -> MailState:
        return await self.find_state(mail_key) or MailState.RENDERED

    async def start_attempt(self, mail_key: str, now: datetime) -> None:
        step: Document = {"$set": {"state": MailState.SENDING, "updatedAt": now}, "$inc": {"attempts": 1}}
        await self._mails.update_one({"key": mail_key}, step)

    async def finish_attempt(self, mail_key: str, *, state: MailState, reply: str, now: datetime) -> None:
        ended = {"state": state, "last_reply": reply[:MAX_REPLY_LENGTH], "updatedAt": now}
        await self._mails.update_one({"key": mail_key}, {"$set": ended})

    async def erase_contents(self, *, before: datetime, limit: int) -> int:
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
