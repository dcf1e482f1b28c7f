"""Calls that meet are carried out together: what comes while a batch is under way goes into the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_BATCH_SIZE = 100
"""MongoDB's first reply to a query holds 101 documents."""
MAX_DELAY_SECONDS = 0.1
"""How long a call waits for the batch before its own. A server that does not answer thus delays no caller by more than
its own timeout and this.
"""


class Batches(Generic[Item, Result]):
    """Calls of one kind. `work` gets the items of the calls that meet, and returns their results in the same order.

    The work on an item begins after its call, so that it sees all that was written before. A call that meets no other
    is carried out at once, alone.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._starting: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self, item: Item) -> Result:
        """Return the result for `item`. Raises what `work` raises, in all calls of the batch."""
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, result))
        if self._starting is None or self._starting.done():
            # In a context of its own: the deadline or request id of one caller is not that of the others.
            self._starting = asyncio.create_task(self._start_batches(), context=Context())
        return await result

    async def _start_batches(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH_SIZE], self._waiting[MAX_BATCH_SIZE:]
            task = asyncio.create_task(self._carry_out(batch))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            await asyncio.wait([task], timeout=MAX_DELAY_SECONDS)

    async def _carry_out(self, batch: Sequence[tuple[Item, "asyncio.Future[Result]"]]) -> None:
        try:
            results = await self._work([item for item, _ in batch])
            for (_, waiting), result in zip(batch, results, strict=True):
                if not waiting.done():
                    waiting.set_result(result)
        except Exception as error:
            for _, waiting in batch:
                if not waiting.done():
                    waiting.set_exception(error)
