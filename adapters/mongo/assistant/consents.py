"""Consents in MongoDB, on the accounts of those who gave them."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.assistant.turn_documents import OPEN, ask_to_stop
from adapters.mongo.client import Client, Database
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.transactions import in_transaction
from domain.assistant.consents import consent_occurrence
from domain.errors import NotAuthenticated
from domain.journal.occurrences import OccurrenceType


class ConsentStore:
    """Records that users let their words be sent to the models of others, or no longer do."""

    def __init__(self, client: Client, database: Database, occurrences: OccurrenceStore) -> None:
        self._client = client
        self._users = database["users"]
        self._turns = database["turns"]
        self._occurrences = occurrences

    async def find(self, user_id: str) -> datetime | None:
        """Return since when the user consents; None if they do not."""
        found = await self._users.find_one({"_id": ObjectId(user_id)}, {"assistant_consent_at": 1})
        given_at: datetime | None = found.get("assistant_consent_at") if found else None
        return given_at

    async def give(self, user_id: str, now: datetime) -> datetime:
        """Record the consent and return since when it is given; one that was given before stays as it is.

        Raises NotAuthenticated for a user who is no longer active.
        """

        async def work(tx: AsyncClientSession) -> None:
            missing = {"_id": ObjectId(user_id), "is_active": True, "assistant_consent_at": None}
            given = {"$set": {"assistant_consent_at": now}}
            if (await self._users.update_one(missing, given, session=tx)).modified_count:
                occurrence = consent_occurrence(str(ObjectId()), OccurrenceType.CONSENT_GIVEN, user_id, now)
                await self._occurrences.record_new(occurrence, tx)

        await in_transaction(self._client, work)
        given_at = await self.find(user_id)
        if given_at is None:
            raise NotAuthenticated
        return given_at

    async def withdraw(self, user_id: str, now: datetime, *, stops_turns: bool) -> Sequence[str]:
        """Take the consent back. `stops_turns`: what is being answered is asked to stop. Return the ids of the chats in
        which that is. Idempotent.
        """
        open_turns = {"user_id": ObjectId(user_id), **OPEN}

        async def work(tx: AsyncClientSession) -> Sequence[ObjectId]:
            given = {"_id": ObjectId(user_id), "assistant_consent_at": {"$ne": None}}
            withdrawn = {"$unset": {"assistant_consent_at": ""}}
            if (await self._users.update_one(given, withdrawn, session=tx)).modified_count:
                occurrence = consent_occurrence(str(ObjectId()), OccurrenceType.CONSENT_WITHDRAWN, user_id, now)
                await self._occurrences.record_new(occurrence, tx)
                if stops_turns:
                    await ask_to_stop(self._turns, open_turns, now, tx)
            return await self._turns.distinct("chat_id", open_turns, session=tx) if stops_turns else ()

        return list(map(str, await in_transaction(self._client, work)))
