"""What requests with an Idempotency-Key were answered, for 24 hours. Answers are sealed; tokens are in none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.sealing import Encrypted, FieldCipher
from adapters.mongo.client import Database

RECEIPT_TTL = timedelta(hours=24)


class AlreadyAnswered(Exception):
    """Another request with this key was faster. Its answer is there to be read."""


@dataclass(frozen=True)
class Receipt:
    """`request_key` stands for caller, route and key, `body_hash` for the body; nothing in it can be read."""

    request_key: str
    body_hash: str
    answer: Encrypted
    at: datetime


@dataclass(frozen=True)
class StoredAnswer:
    """An earlier request as it is read back."""

    body_hash: str
    answer: str


class ReceiptStore:
    def __init__(self, database: Database, cipher: FieldCipher) -> None:
        self._database = database
        self._receipts = database["idempotency"]
        self._cipher = cipher

    def new_receipt(self, request_key: str, *, body_hash: str, answer: str, now: datetime) -> Receipt:
        """The answer under seal, to be kept with its effect."""
        return Receipt(request_key, body_hash, self._cipher.encrypt(answer.encode(), context=request_key), now)

    async def find(self, request_key: str, now: datetime) -> StoredAnswer | None:
        """Expiry is checked here, since TTL lags a minute or more."""
        document = await self._receipts.find_one({"_id": request_key, "expires_at": {"$gt": now}})
        if document is None:
            return None
        sealed = Encrypted(document["key_id"], document["answer"])
        return StoredAnswer(document["body_hash"], self._cipher.decrypt(sealed, context=request_key).decode())

    async def insert(self, receipt: Receipt) -> None:
        """For effects that may happen twice unseen. Raises AlreadyAnswered."""
        await insert_receipt(self._database, receipt, None)


async def insert_receipt(database: Database, receipt: Receipt | None, tx: AsyncClientSession | None) -> None:
    """Last in the transaction of the effect: either both are written, or neither. Raises AlreadyAnswered."""
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
