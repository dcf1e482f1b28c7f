"""One effect and one response for each Idempotency-Key, on routes without a flow to remember them.

An effect stores the receipt of its response in its own transaction, so that neither exists without the other.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.idempotency import AlreadyAnswered, Receipt, ReceiptStore
from domain.errors import DecodeError, IdempotencyKeyReused

Shape = TypeVar("Shape", bound=BaseModel)

NO_CONTENT = ""
"""The stored response of a request whose tokens are derived again on a repeat."""


@dataclass(frozen=True)
class RequestKey:
    """Identifies a repeated request. `value`: keyed hash of caller, route and Idempotency-Key; None without a key.
    `target`: what the path names, which is as much a part of the request as its body.
    """

    hashes: KeyedHashes
    value: str | None
    target: Sequence[str] = ()

    def body_hash(self, body: BaseModel) -> str:
        """Return the keyed hash of the target and the body's JSON, to detect a key reused for another request."""
        return self.hashes.body_hash("|".join([*self.target, body.model_dump_json()]))


@dataclass(frozen=True)
class IdempotentRequest:
    """A request that may be repeated under its key. Without a key every request is new."""

    key: RequestKey
    receipts: ReceiptStore
    now: datetime

    @property
    def request_key(self) -> str | None:
        """The keyed hash of caller, route and Idempotency-Key; None without a key."""
        return self.key.value

    async def find_answer(self, body: BaseModel) -> str | None:
        """Return the earlier response to this request as JSON; None if there is none.

        Raises IdempotencyKeyReused if the key was used with another body.
        """
        if self.request_key is None:
            return None
        stored = await self.receipts.find(self.request_key, self.now)
        if stored is None:
            return None
        if stored.body_hash != self.key.body_hash(body):
            raise IdempotencyKeyReused
        return stored.answer

    async def claim(self, body: BaseModel) -> None:
        """Reserve the key for this body, before an effect that is itself idempotent by the key.

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
        """Return the receipt that the effect stores: `content` encrypted, or without content only the fact.

        None without a key.
        """
        if self.request_key is None:
            return None
        answer = content.model_dump_json() if content else NO_CONTENT
        return self.receipts.new_receipt(
            self.request_key, body_hash=self.key.body_hash(body), answer=answer, now=self.now
        )

    async def run_once(self, body: BaseModel, shape: type[Shape], work: Callable[[], Awaitable[Shape]]) -> Shape:
        """Return the result of `work`, or on a repeat the stored result of the first request, as a `shape`.

        `work` stores `new_receipt(body, result)` in the transaction of its effect. Raises what `work` raises, and
        IdempotencyKeyReused.
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
