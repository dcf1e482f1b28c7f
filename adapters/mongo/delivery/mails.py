"""One record per mail: its state of delivery and a hash of its recipient. The content is not stored."""

from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.transactions import in_transaction
from domain.delivery.mail import MailState, NewMail, mail_ended

MAX_REPLY_LENGTH = 200


class MailStore:
    """Records of mails. `mail_key` names one mail; its record makes retries of a delivery recognisable.

    The change to a final state records the occurrence, in one transaction.
    """

    def __init__(self, client: Client, database: Database, occurrences: OccurrenceStore) -> None:
        self._client = client
        self._occurrences = occurrences
        self._mails = database["mails"]
        self._users = database["users"]

    async def record(self, new: NewMail, state: MailState = MailState.RENDERED) -> MailState:
        """Create the record of this mail, unless it exists. Returns its state."""
        first = _new_document(new) | {"state": state, "attempts": 0, "updatedAt": new.created_at}

        async def create(tx: AsyncClientSession | None = None) -> None:
            created = await self._mails.update_one({"key": new.key}, {"$setOnInsert": first}, upsert=True, session=tx)
            if created.upserted_id and tx:
                await self._occurrences.record_new(mail_ended(new.key, new.kind, state, new.created_at), tx)

        await (in_transaction(self._client, create) if state.is_final else create())
        return await self.get_state(new.key)

    async def record_first_try(self, new: NewMail, *, claimed_until: datetime) -> bool:
        """Create the record with its first attempt started, and claimed so long. False if there is a record already."""
        first = {"state": MailState.SENDING, "attempts": 1, "updatedAt": new.created_at, "claimed_until": claimed_until}
        try:
            await self._mails.insert_one({"key": new.key, **_new_document(new), **first})
        except DuplicateKeyError:
            return False
        return True

    async def find_state(self, mail_key: str) -> MailState | None:
        """Return the state; None before the mail was recorded."""
        document = await self._mails.find_one({"key": mail_key}, {"state": 1})
        return MailState(document["state"]) if document else None

    async def get_state(self, mail_key: str) -> MailState:
        """Return the state; RENDERED before the mail was recorded."""
        return await self.find_state(mail_key) or MailState.RENDERED

    async def start_attempt(self, mail_key: str, now: datetime) -> bool:
        """Set the state to SENDING and count one attempt. False in a final state, or while a first try has claimed the
        mail.
        """
        unclaimed = _open_mail(mail_key) | {"claimed_until": {"$not": {"$gt": now}}}
        step: Document = {"$set": {"state": MailState.SENDING, "updatedAt": now}, "$inc": {"attempts": 1}}
        return (await self._mails.update_one(unclaimed, step)).matched_count == 1

    async def finish_attempt(self, mail_key: str, *, state: MailState, reply: str, now: datetime) -> None:
        """Store the state after an attempt and the server's reply, cut to MAX_REPLY_LENGTH characters. Ends a claim.

        What the server has decided counts, also after `give_up`; another attempt changes no final state.
        """
        known = {"state": state, "last_reply": reply[:MAX_REPLY_LENGTH], "updatedAt": now}
        change = {"$set": known, "$unset": {"claimed_until": ""}}
        if state.is_final:
            await self._end({"key": mail_key}, change, state, now)
        else:
            await self._mails.update_one(_open_mail(mail_key), change)

    async def give_up(self, mail_key: str, now: datetime) -> MailState:
        """Set the state to FAILED unless it is final; the last reply stays, as the reason. Returns the state."""
        failed = {"$set": {"state": MailState.FAILED, "updatedAt": now}}
        await self._end(_open_mail(mail_key), failed, MailState.FAILED, now)
        return await self.get_state(mail_key)

    async def _end(self, mail: Document, change: Document, state: MailState, now: datetime) -> None:
        """Apply the change to a final state. The first of a mail records the occurrence."""

        async def work(tx: AsyncClientSession) -> None:
            before = await self._mails.find_one_and_update(mail, change, {"key": 1, "kind": 1, "state": 1}, session=tx)
            if before and not MailState(before["state"]).is_final:
                await self._occurrences.record_new(mail_ended(before["key"], before["kind"], state, now), tx)

        await in_transaction(self._client, work)

    async def erase_contents(self, *, before: datetime, limit: int) -> int:
        """Delete recipient and variables of records older than `before`, at most `limit`. Returns how many.

        Records made since the end of November 2026 have none (docs/decisions/0042).
        """
        old = self._mails.find({"sealed_since": {"$lt": before}}, {"_id": 1}).limit(limit)
        ids = [document["_id"] for document in await old.to_list()]
        if not ids:
            return 0
        dropped = {"$unset": {"sealed": "", "sealed_since": ""}}
        return (await self._mails.update_many({"_id": {"$in": ids}}, dropped)).modified_count

    async def flag_address(self, email_key: str, *, reason: str, at: datetime) -> None:
        """Flag the account of this address: a mail to it was refused for good."""
        flag = {"mail_flag": {"reason": reason, "at": at}}
        await self._users.update_one({"email_key": email_key}, {"$set": flag})


def _open_mail(mail_key: str) -> Document:
    return {"key": mail_key, "state": {"$in": [state for state in MailState if not state.is_final]}}


def _new_document(new: NewMail) -> Document:
    return {
        "kind": new.kind,
        "message_id": new.message_id,
        "recipient_hash": new.recipient_hash,
        "last_reply": None,
        "createdAt": new.created_at,
    }
