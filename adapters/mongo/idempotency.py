"""What requests with an Idempotency-Key were answered, for 24 hours. Answers are sealed; tokens are in none."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.sealing import Sealed, Sealing
from adapters.mongo.client import Database

LIFE = timedelta(hours=24)


class AlreadyAnswered(Exception):
    """Another request with this key was faster. Its answer is there to be read."""


@dataclass(frozen=True)
class Receipt:
    """`request` stands for caller, route and key, `body_hash` for the body; nothing in it can be read."""

    request: str
    body_hash: str
    answer: Sealed
    at: datetime


@dataclass(frozen=True)
class Answered:
    """An earlier request as it is read back."""

    body_hash: str
    answer: str


class ReceiptStore:
    def __init__(self, database: Database, sealing: Sealing) -> None:
        self._database = database
        self._receipts = database["idempotency"]
        self._sealing = sealing

    def receipt(self, request: str, *, body_hash: str, answer: str, now: datetime) -> Receipt:
        """The answer under seal, to be kept with its effect."""
        return Receipt(request, body_hash, self._sealing.seal(answer.encode(), context=request), now)

    async def find(self, request: str, now: datetime) -> Answered | None:
        """Expiry is checked here, since TTL lags a minute or more."""
        document = await self._receipts.find_one({"_id": request, "expires_at": {"$gt": now}})
        if document is None:
            return None
        sealed = Sealed(document["key_id"], document["answer"])
        return Answered(document["body_hash"], self._sealing.open(sealed, context=request).decode())

    async def keep(self, receipt: Receipt) -> None:
        """For effects that may happen twice unseen. Raises AlreadyAnswered."""
        await keep_receipt(self._database, receipt, None)


async def keep_receipt(database: Database, receipt: Receipt | None, inner: AsyncClientSession | None) -> None:
    """Last in the transaction of the effect: either both are written, or neither. Raises AlreadyAnswered."""
    if receipt is None:
        return
    over = {"_id": receipt.request, "expires_at": {"$lte": receipt.at}}
    document = {
        "body_hash": receipt.body_hash,
        "key_id": receipt.answer.key_id,
        "answer": receipt.answer.data,
        "expires_at": receipt.at + LIFE,
    }
    try:
        await database["idempotency"].replace_one(over, document, upsert=True, session=inner)
    except DuplicateKeyError:
        raise AlreadyAnswered from None
