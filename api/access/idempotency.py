"""One effect and one answer for each Idempotency-Key, where no flow remembers them.

An effect keeps the receipt of its answer in its own transaction, so that neither is there without the other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from adapters.crypto.hashes import KeyedHashes
from adapters.mongo.idempotency import AlreadyAnswered, Receipt, ReceiptStore
from domain.errors import DecodeError, IdempotencyKeyReused

Shape = TypeVar("Shape", bound=BaseModel)

NO_CONTENT = ""
"""The answer of a request whose tokens are derived again."""


@dataclass(frozen=True)
class RequestKey:
    """Recognises a repeated request: `value` names caller, route and key (None without a key)."""

    hashes: KeyedHashes
    value: str | None

    def body_hash(self, body: BaseModel) -> str:
        return self.hashes.body_hash(body.model_dump_json())


@dataclass(frozen=True)
class IdempotentRequest:
    """A request that may be repeated. Without a key each is a new one."""

    key: RequestKey
    receipts: ReceiptStore
    now: datetime

    @property
    def request_key(self) -> str | None:
        return self.key.value

    async def find_answer(self, body: BaseModel) -> str | None:
        """What this request was answered before. Raises IdempotencyKeyReused if that was with another body."""
        if self.request_key is None:
            return None
        answered = await self.receipts.find(self.request_key, self.now)
        if answered is None:
            return None
        if answered.body_hash != self.key.body_hash(body):
            raise IdempotencyKeyReused
        return answered.answer

    async def claim(self, body: BaseModel) -> None:
        """Take the key for this body, before an effect that is keyed by it and so happens once anyway.

        Raises IdempotencyKeyReused.
        """
        receipt = self.new_receipt(body)
        if receipt is None:
            return
        try:
            await self.receipts.insert(receipt)
        except AlreadyAnswered:
            await self.find_answer(body)

    def new_receipt(self, body: BaseModel, content: BaseModel | None = None) -> Receipt | None:
        """What the effect must keep: `content` under seal, or that there is nothing to keep but the fact."""
        if self.request_key is None:
            return None
        answer = content.model_dump_json() if content else NO_CONTENT
        return self.receipts.new_receipt(
            self.request_key, body_hash=self.key.body_hash(body), answer=answer, now=self.now
        )

    async def run_once(self, body: BaseModel, shape: type[Shape], work: Callable[[], Awaitable[Shape]]) -> Shape:
        """What `work` shows, or what it showed when this request came before.

        `work` keeps `new_receipt(body, shown)` with its effect. Raises what it raises, and IdempotencyKeyReused.
        """
        before = await self.find_answer(body)
        if before is not None:
            return shape.model_validate_json(before)
        try:
            return await work()
        except (DecodeError, AlreadyAnswered):
            before = await self.find_answer(body)
            if before is None:
                raise
            return shape.model_validate_json(before)
