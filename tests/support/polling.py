"""Waiting in tests: for a condition, with a deadline, never for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

SHORTEST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.5


async def eventually(look: Callable[[], Awaitable[Found | None]], *, within: float = 15.0) -> Found:
    """Return the first result of `look`. Fails with its name when there is none within so many seconds."""
    began = time.monotonic()
    while True:
        waited = time.monotonic() - began
        found = await look()
        if found:
            return found
        if waited >= within:
            raise AssertionError(f"nothing found within {within} s by {look.__qualname__}")
        # Each look is work for the servers that are waited for: the longer it takes, the rarer they become.
        pause = min(max(SHORTEST_PAUSE_SECONDS, waited / 20), LONGEST_PAUSE_SECONDS)
        await asyncio.sleep(min(pause, within - waited))


def wait_until(condition: Callable[[], bool], *, seconds: float) -> None:
    """The same for tests without an event loop."""

    async def look() -> bool:
        return condition()

    asyncio.run(eventually(look, within=seconds))
