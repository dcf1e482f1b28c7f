"""Batches concurrent loads: keys requested while a batch is running form the next batch."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Generic, TypeVar

Value = TypeVar("Value")

MAX_BATCH_SIZE = 500


class BatchLoader(Generic[Value]):
    """Loads values by key. `work` returns the value of every key of a batch; without concurrency a batch is one key."""

    def __init__(self, work: Callable[[Sequence[str]], Awaitable[Mapping[str, Value]]]) -> None:
        self._work = work
        self._waiting: list[tuple[str, asyncio.Future[Value]]] = []
        self._running: asyncio.Task[None] | None = None

    async def load(self, key: str) -> Value:
        """Return the value of `key`. Raises what `work` raises."""
        future: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, future))
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH_SIZE], self._waiting[MAX_BATCH_SIZE:]
            await self._load_batch(batch)
        self._running = None

    async def _load_batch(self, batch: Sequence[tuple[str, "asyncio.Future[Value]"]]) -> None:
        try:
            answers = await self._work(list(dict.fromkeys(key for key, _ in batch)))
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for key, future in batch:
            if not future.done():
                future.set_result(answers[key])
