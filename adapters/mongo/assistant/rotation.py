"""Encrypts what was said again, after a rotation of the root keys: words are kept for as long as a chat is used."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from adapters.crypto.field_cipher import FieldCipher
from adapters.mongo.assistant.sealed_words import SEALED, SealedWords
from adapters.mongo.client import Database, Document

BATCH_SIZE = 500


class WordRotation:
    """Brings the words of chats and turns under the current key. Safe while chats are used."""

    def __init__(self, database: Database, cipher: FieldCipher) -> None:
        self._database = database
        self._cipher = cipher

    async def reencrypt(self) -> AsyncIterator[int]:
        """Encrypt again all words that are under an older key; yield how many documents had some, batch by batch.

        Raises UnknownKey, DecryptionFailed.
        """
        old = {"$nin": [self._cipher.current_id, None]}
        fields = ("title", "metadata")
        chats: Document = {"$or": [{f"{field}.key_id": old} for field in fields]}
        turns: Document = {"$or": [{"text.key_id": old}, {"parts": {"$elemMatch": {"text.key_id": old}}}]}
        for name, query, projection in (("chats", chats, fields), ("turns", turns, ("text", "parts.text"))):
            found = self._database[name].find(query, dict.fromkeys(projection, 1), batch_size=BATCH_SIZE)
            async for batch in _batches(found):
                updates = [update for each in batch for update in self._renewed(name, each)]
                await self._database[name].bulk_write(updates, ordered=False)
                yield len(batch)

    def _renewed(self, collection: str, document: Document) -> Iterator[UpdateOne]:
        """Yield an update of each old text, without effect on one that was written anew meanwhile."""
        words, document_id = SealedWords(self._cipher, collection), str(document["_id"])
        for path, stored in _sealed_texts(document):
            if stored["key_id"] != self._cipher.current_id:
                anew = words.seal(document_id, path, words.open(document_id, path, stored))
                yield UpdateOne({"_id": document["_id"], path: stored}, {"$set": {path: anew}})


async def _batches(found: AsyncIterator[Document]) -> AsyncIterator[Sequence[Document]]:
    batch: list[Document] = []
    async for document in found:
        batch.append(document)
        if len(batch) == BATCH_SIZE:
            yield batch
            batch = []
    if batch:
        yield batch


def _sealed_texts(value: Any, path: str = "") -> Iterator[tuple[str, Document]]:
    """Yield the sealed texts within a value, each with its path in the document."""
    if isinstance(value, Mapping) and value.keys() == SEALED:
        yield path, dict(value)
        return
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inner:
        yield from _sealed_texts(each, f"{path}.{name}" if path else str(name))
