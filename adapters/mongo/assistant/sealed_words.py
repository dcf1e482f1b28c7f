"""What users and the assistant say, and what is personal beside it: encrypted in the documents that hold it."""

import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from pymongo import UpdateOne

from adapters.crypto.field_cipher import DecryptionFailed, Encrypted, FieldCipher
from adapters.crypto.keys import UnknownKey
from adapters.mongo.client import Database, Document

SEALED = frozenset({"key_id", "data"})
"""The fields of a sealed text."""
CANNOT_BE_OPENED = (UnknownKey, DecryptionFailed)
BATCH_SIZE = 500

logger = logging.getLogger("decode.assistant")


class SealedWords:
    """Encrypts the texts of one collection. Each is bound to its document and field, and opens nowhere else."""

    def __init__(self, cipher: FieldCipher, collection: str) -> None:
        self._cipher = cipher
        self._collection = collection

    @property
    def readable(self) -> "ReadableWords":
        """The same texts for who only reads them."""
        return ReadableWords(self._cipher, self._collection)

    def seal(self, document_id: str, field: str, text: str) -> Document:
        """Return the stored form of a text of this document's field."""
        sealed = self._cipher.encrypt(text.encode(), context=self._place(document_id, field))
        return {"key_id": sealed.key_id, "data": sealed.data}

    def open(self, document_id: str, field: str, stored: Document) -> str:
        """Return the text. Raises UnknownKey while the key is not rolled out here, DecryptionFailed for another."""
        sealed = Encrypted(stored["key_id"], stored["data"])
        return self._cipher.decrypt(sealed, context=self._place(document_id, field)).decode()

    def open_all(self, document: Document) -> Document:
        """Return the document with its sealed texts opened: those of a field whose name is its path."""
        return {name: self._opened(str(document["_id"]), name, value) for name, value in document.items()}

    def _opened(self, document_id: str, path: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._opened(document_id, f"{path}.{number}", each) for number, each in enumerate(value)]
        if not isinstance(value, dict):
            return value
        if value.keys() == SEALED:
            return self.open(document_id, path, value)
        return {name: self._opened(document_id, f"{path}.{name}", each) for name, each in value.items()}

    def _place(self, document_id: str, field: str) -> str:
        return f"{self._collection}|{document_id}|{field}"


class ReadableWords(SealedWords):
    """The texts as their users read them: one that cannot be opened is empty, so that it breaks no list. Who writes on
    a text opens it with SealedWords, and waits for the key.
    """

    def open(self, document_id: str, field: str, stored: Document) -> str:
        """Return the text, empty if its key is not here."""
        try:
            return super().open(document_id, field, stored)
        except CANNOT_BE_OPENED as error:
            logger.warning(
                "words cannot be opened", extra={"root_key": stored["key_id"], "error": type(error).__name__}
            )
            return ""


class WordRotation:
    """Encrypts the words of chats and turns again, after a rotation of the root keys: they are kept for as long as a
    chat is used. Safe meanwhile.
    """

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
