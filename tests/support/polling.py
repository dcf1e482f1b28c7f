"""Waiting in tests: for a condition, with a deadline, never for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")

PAUSE_SECONDS = 0.02
SWEPT_SECONDS = 180.0
"""The sweep comes every 15 s, and one that finds hundreds of intents takes minutes on a small machine."""


async def eventually(look: Callable[[], Awaitable[Found | None]], *, within: float = 15.0) -> Found:
    """The first thing `look` finds. Fails with its name when nothing came within so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = await look()
        if found:
            return found
        await asyncio.sleep(PAUSE_SECONDS)
    raise AssertionError(f"nothing found within {within} s by {look.__qualname__}")


def wait_until(condition: Callable[[], bool], *, seconds: float) -> None:
    """The same for tests without an event loop."""

    async def look() -> bool:
        return condition()

    asyncio.run(eventually(look, within=seconds))
