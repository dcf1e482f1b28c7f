"""Timing of calls, sequential or concurrent; figures use the median, since machines are noisy."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

from bench.raw_http_client import RawHttpClient

Call = Callable[[], Awaitable[object]]
Request = Callable[[RawHttpClient], Awaitable[object]]


async def milliseconds(calls: Iterable[Call]) -> list[float]:
    """Run the calls one after the other. Returns the milliseconds of each."""
    taken = []
    for call in calls:
        began = time.perf_counter()
        await call()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


async def p50(calls: Iterable[Call]) -> float:
    return statistics.median(await milliseconds(calls))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of them lies."""
    return sorted(values)[int(len(values) * share)]


async def all_of(calls: Iterable[Call], *, at_once: int) -> None:
    """Run each call once, `at_once` of them at a time, in their order."""
    left = iter(calls)

    async def loop() -> None:
        for call in left:
            await call()

    await asyncio.gather(*(loop() for _ in range(at_once)))


async def send_all(url: str, requests: Iterable[Request], *, at_once: int) -> None:
    """Send each request once, over `at_once` connections, in their order."""
    left = iter(requests)

    async def loop() -> None:
        http = RawHttpClient(url)
        for request in left:
            await request(http)

    await asyncio.gather(*(loop() for _ in range(at_once)))


async def spaced(calls: Sequence[Call], *, seconds: float) -> list[float]:
    """Run the calls one after the other with a pause before each. Returns the milliseconds of each.

    After a pause caches and processors are as cold as for a single user, so what is compared has the same pauses.
    """
    taken = []
    for call in calls:
        await asyncio.sleep(seconds)
        taken += await milliseconds([call])
    return taken
