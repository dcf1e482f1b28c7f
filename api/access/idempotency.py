"""One effect and one answer for each Idempotency-Key, where no flow remembers them.

An effect keeps the receipt of its answer in its own transaction, so that neither is there without the other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from adapters.crypto.hashes import Hashes
from adapters.mongo.idempotency import AlreadyAnswered, Receipt, ReceiptStore
from domain.errors import DecodeError, IdempotencyKeyReused

Shown = TypeVar("Shown", bound=BaseModel)

NOTHING = ""
"""The answer of a request whose tokens are derived again."""


@dataclass(frozen=True)
class Repeat:
    """Recognises a repeated request: `request` names caller, route and key (None without a key)."""

    hashes: Hashes
    request: str | None

    def body_hash(self, body: BaseModel) -> str:
        return self.hashes.body(body.model_dump_json())


@dataclass(frozen=True)
class Once:
    """A request that may be repeated. Without a key each is a new one."""

    repeat: Repeat
    receipts: ReceiptStore
    now: datetime

    @property
    def request(self) -> str | None:
        return self.repeat.request

    async def earlier(self, body: BaseModel) -> str | None:
        """What this request was answered before. Raises IdempotencyKeyReused if that was with another body."""
        if self.request is None:
            return None
        answered = await self.receipts.find(self.request, self.now)
        if answered is None:
            return None
        if answered.body_hash != self.repeat.body_hash(body):
            raise IdempotencyKeyReused
        return answered.answer

    async def claim(self, body: BaseModel) -> None:
        """Take the key for this body, before an effect that is keyed by it and so happens once anyway.

        Raises IdempotencyKeyReused.
        """
        receipt = self.receipt(body)
        if receipt is None:
            return
        try:
            await self.receipts.keep(receipt)
        except AlreadyAnswered:
            await self.earlier(body)

    def receipt(self, body: BaseModel, shown: BaseModel | None = None) -> Receipt | None:
        """What the effect must keep: `shown` under seal, or that there is nothing to keep but the fact."""
        if self.request is None:
            return None
        answer = shown.model_dump_json() if shown else NOTHING
        return self.receipts.receipt(self.request, body_hash=self.repeat.body_hash(body), answer=answer, now=self.now)

    async def answer(self, body: BaseModel, shape: type[Shown], work: Callable[[], Awaitable[Shown]]) -> Shown:
        """What `work` shows, or what it showed when this request came before.

        `work` keeps `receipt(body, shown)` with its effect. Raises what it raises, and IdempotencyKeyReused.
        """
        before = await self.earlier(body)
        if before is not None:
            return shape.model_validate_json(before)
        try:
            return await work()
        except (DecodeError, AlreadyAnswered):
            before = await self.earlier(body)
            if before is None:
                raise
            return shape.model_validate_json(before)
