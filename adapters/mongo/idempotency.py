"""Answers to requests with an Idempotency-Key, kept for 24 hours. They are encrypted and hold no tokens."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.field_cipher import Encrypted, FieldCipher
from adapters.mongo.client import Database

RECEIPT_TTL = timedelta(hours=24)


class AlreadyAnswered(Exception):
    """A concurrent request with this key was answered first. Its answer can be read."""


@dataclass(frozen=True)
class Receipt:
    """The encrypted answer to one request. `request_key`: hash of caller, route and key; `body_hash`: of the body."""

    request_key: str
    body_hash: str
    answer: Encrypted
    at: datetime


@dataclass(frozen=True)
class StoredAnswer:
    """The decrypted answer to an earlier request. `body_hash` shows whether the body was the same."""

    body_hash: str
    answer: str


class ReceiptStore:
    """Stores and reads the answers of idempotent requests."""

    def __init__(self, database: Database, cipher: FieldCipher) -> None:
        self._database = database
        self._receipts = database["idempotency"]
        self._cipher = cipher

    def new_receipt(self, request_key: str, *, body_hash: str, answer: str, now: datetime) -> Receipt:
        """Return a receipt with the answer encrypted, to be inserted in the transaction of the effect."""
        return Receipt(request_key, body_hash, self._cipher.encrypt(answer.encode(), context=request_key), now)

    async def find(self, request_key: str, now: datetime) -> StoredAnswer | None:
        """Return the answer; None when there is none. Raises UnknownKey, DecryptionFailed.

        Expiry is checked here, since TTL deletion lags a minute or more.
        """
        document = await self._receipts.find_one({"_id": request_key, "expires_at": {"$gt": now}})
        if document is None:
            return None
        sealed = Encrypted(document["key_id"], document["answer"])
        return StoredAnswer(document["body_hash"], self._cipher.decrypt(sealed, context=request_key).decode())

    async def insert(self, receipt: Receipt) -> None:
        """Insert a receipt on its own, for effects that may safely happen twice. Raises AlreadyAnswered."""
        await insert_receipt(self._database, receipt, None)


async def insert_receipt(database: Database, receipt: Receipt | None, tx: AsyncClientSession | None) -> None:
    """Insert the receipt, last in the transaction of its effect: both are written, or neither. None: do nothing.

    Raises AlreadyAnswered.
    """
    if receipt is None:
        return
    over = {"_id": receipt.request_key, "expires_at": {"$lte": receipt.at}}
    document = {
        "body_hash": receipt.body_hash,
        "key_id": receipt.answer.key_id,
        "answer": receipt.answer.data,
        "expires_at": receipt.at + RECEIPT_TTL,
    }
    try:
        await database["idempotency"].replace_one(over, document, upsert=True, session=tx)
    except DuplicateKeyError:
        raise AlreadyAnswered from None
