"""What MongoDB holds about one user, as the user may see it: no hash, token or secret, and no other user's data."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from adapters.crypto.field_cipher import FieldCipher
from adapters.mongo.assistant.chat_documents import due
from adapters.mongo.assistant.sealed_words import ReadableWords
from adapters.mongo.client import Database, Document
from adapters.mongo.collection import Collection, Export
from domain.accounts.account_export import Row

BATCH_SIZE = 500


@dataclass(frozen=True)
class RecordSource:
    """A collection, the field that names a document's owner, and the fields that are exported. `chat_field`: the one
    that names its chat.
    """

    collection: str
    owner_field: str
    fields: Sequence[str]
    is_sealed: bool = False
    chat_field: str | None = None


ACCOUNT = RecordSource(
    "users",
    "_id",
    (
        *("username", "email", "display_name", "bio", "avatar_ipfs_hash", "role", "is_active", "last_login"),
        *("last_username_change", "last_email_change", "mail_flag", "assistant_consent_at", "createdAt", "updatedAt"),
        *("grants.kind", "grants.name", "grants.until", "grants.reason", "grants.at"),
    ),
)
MAILS = RecordSource("mails", "recipient_hash", ("kind", "state", "attempts", "createdAt", "updatedAt"))


class PersonalRecords:
    """Reads a user's documents for an export, reduced to the fields that each collection declares. `words`: the cipher
    of sealed texts.
    """

    def __init__(self, database: Database, collections: Sequence[Collection], words: FieldCipher) -> None:
        self._database = database
        self._words = words
        self._sources = {
            entry.export.name: RecordSource(
                entry.name, entry.owner_field, entry.export.fields, entry.export.is_sealed, entry.export.chat_field
            )
            for entry in collections
            if isinstance(entry.export, Export) and isinstance(entry.owner_field, str)
        }

    @property
    def nouns(self) -> Sequence[str]:
        """The names that `rows` accepts: one per exported collection."""
        return tuple(self._sources)

    def account(self, user_id: str) -> AsyncIterator[Row]:
        """Yield the account itself, the only row."""
        return self._rows(ACCOUNT, {"_id": ObjectId(user_id)})

    async def rows(self, noun: str, user_id: str, now: datetime) -> AsyncIterator[Row]:
        """Yield the user's documents, oldest first, BATCH_SIZE in memory at a time."""
        source = self._sources[noun]
        query: Document = {source.owner_field: ObjectId(user_id)}
        if source.chat_field:
            query[source.chat_field] = {"$nin": await self._due_chats(user_id, now)}
        async for row in self._rows(source, query):
            yield row

    def mails(self, recipient_hash: str) -> AsyncIterator[Row]:
        """Yield kind, state and times of the mails sent to an address."""
        return self._rows(MAILS, {"recipient_hash": recipient_hash})

    async def _due_chats(self, user_id: str, now: datetime) -> Sequence[ObjectId]:
        found = self._database["chats"].find({"user_id": ObjectId(user_id), **due(now)}, {"_id": 1})
        return [document["_id"] async for document in found]

    async def _rows(self, source: RecordSource, query: Document) -> AsyncIterator[Row]:
        found = self._database[source.collection].find(query, dict.fromkeys(source.fields, 1), batch_size=BATCH_SIZE)
        words = ReadableWords(self._words, source.collection)
        async for document in found.sort("_id", 1):
            yield words.open_all(document) if source.is_sealed else document
