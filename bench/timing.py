"""Timing of calls, sequential or concurrent; figures use the median, since machines are noisy."""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bench.cpu import cpu_ms

Call = Callable[[], Awaitable[object]]


@dataclass(frozen=True)
class Figure:
    """One line of docs/bench.md: a measured value and its limit, the best possible one, from the same run.

    `ours` and `limit` are in `unit`; `want` is the required ratio, an upper bound if `is_at_most`, else a lower one.
    """

    what: str
    ours: float
    limit_is: str
    limit: float
    unit: str
    want: float
    is_at_most: bool

    @property
    def ratio(self) -> float:
        return self.ours / self.limit

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.want if self.is_at_most else self.ratio >= self.want

    @property
    def row(self) -> str:
        """The Markdown table row."""
        return (
            f"| {self.what} | {self.ours:.1f} {self.unit} | {self.limit_is} | {self.limit:.1f} {self.unit} "
            f"| {self.ratio:.2f} | {'≤' if self.is_at_most else '≥'} {self.want} | {'yes' if self.is_met else 'no'} |"
        )


def print_figures(figures: Sequence[Figure]) -> Sequence[Figure]:
    """Print figures as soon as they are measured, as all of them take a quarter of an hour. Returns them."""
    sys.stdout.writelines(f"{figure.row}\n" for figure in figures)
    sys.stdout.flush()
    return figures


async def milliseconds(calls: Sequence[Call]) -> list[float]:
    """Run the calls one after the other. Returns the milliseconds of each."""
    taken = []
    for call in calls:
        began = time.perf_counter()
        await call()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


async def p50(calls: Sequence[Call]) -> float:
    return statistics.median(await milliseconds(calls))


@dataclass(frozen=True)
class Load:
    """`cpu_ms`: the CPU time of all measured processes per call."""

    per_second: float
    cpu_ms: float


async def load(make: Callable[[], Call], pids: Sequence[int], *, at_once: int, seconds: float) -> Load:
    """Return calls per second of `at_once` concurrent loops, and the CPU time of these processes per call."""
    before = cpu_ms(pids)
    rate = await per_second(make, at_once=at_once, seconds=seconds)
    return Load(rate, (cpu_ms(pids) - before) / (rate * seconds))


async def per_second(make: Callable[[], Call], *, at_once: int, seconds: float) -> float:
    """Return calls per second of `at_once` concurrent loops, each with its own call from `make`."""
    done = 0
    ends_at = time.perf_counter() + seconds

    async def loop() -> None:
        nonlocal done
        call = make()
        while time.perf_counter() < ends_at:
            await call()
            done += 1

    await asyncio.gather(*(loop() for _ in range(at_once)))
    return done / seconds
