"""What users and the assistant say, and what is personal beside it: encrypted in the documents that hold it."""

import logging
from typing import Any

from adapters.crypto.field_cipher import DecryptionFailed, Encrypted, FieldCipher
from adapters.crypto.keys import UnknownKey
from adapters.mongo.client import Document

SEALED = frozenset({"key_id", "data"})
"""The fields of a sealed text."""
CANNOT_BE_OPENED = (UnknownKey, DecryptionFailed)

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
