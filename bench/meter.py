"""The CPU that work costs all processes of the stack, with what the work leaves for the background to do.

After the work it waits until no intent is open and the processes are quiet. What they use anyway (the sweep, the
servers' own timers, these looks) is measured beforehand in the same way and taken off.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass

from adapters.resources import Resources
from bench.cpu import cpu_by_name, cpu_ms, spent_each
from bench.figure import Split
from bench.settling import owes_nothing

LOOK_SECONDS = 1.0
IDLE_SECONDS = 45.0
QUICK_IDLE_SECONDS = 3.0
"""Three intervals of the sweep. A quick run looks at less than one: its load is short too."""
AT_MOST_SECONDS = 60.0
QUIET_FACTOR, QUIET_MS = 2.0, 50.0
"""Quiet is twice the idle rate and a twentieth of a core."""


@dataclass(frozen=True)
class Spent:
    """CPU of one call by process, and the seconds of all calls without the wait for the background."""

    split: Split
    seconds: float

    @property
    def total(self) -> float:
        return sum(self.split.values())


class Meter:
    """Measures the processes `pids`. `is_quick`: what they use anyway is measured for a short time."""

    def __init__(self, pids: Mapping[str, int], resources: Resources, *, is_quick: bool) -> None:
        self._pids = pids
        self._resources = resources
        self._is_quick = is_quick
        self._idle: Split = {}

    async def _learn_idle(self) -> None:
        """Measure what the processes use without any work, once they have nothing left to do."""
        await self.settle()
        before, began = cpu_by_name(self._pids), time.perf_counter()
        while time.perf_counter() < began + (QUICK_IDLE_SECONDS if self._is_quick else IDLE_SECONDS):
            await self._is_settled()
        seconds = time.perf_counter() - began
        used = spent_each(before, cpu_by_name(self._pids), idle={}, seconds=seconds, calls=1)
        self._idle = {name: milliseconds / seconds for name, milliseconds in used.items()}

    async def spent(self, calls: int, work: Awaitable[object], *, with_client: bool = False) -> Spent:
        """Await `work`, which makes so many calls, and what follows from it; first what was under way before.

        `with_client`: this process too, where it does by a bare driver what the API does otherwise.
        """
        await (self.settle() if self._idle else self._learn_idle())
        before, began, client = cpu_by_name(self._pids), time.perf_counter(), cpu_ms([os.getpid()])
        await work
        worked, client = time.perf_counter() - began, cpu_ms([os.getpid()]) - client
        await self.settle()
        taken = time.perf_counter() - began
        split = spent_each(before, cpu_by_name(self._pids), idle=self._idle, seconds=taken, calls=calls)
        return Spent({**split, "client": client / calls} if with_client else split, worked)

    async def settle(self) -> None:
        """Return once the stack has nothing left to do, or after AT_MOST_SECONDS."""
        ends_at = time.perf_counter() + AT_MOST_SECONDS
        while not await self._is_settled() and time.perf_counter() < ends_at:
            pass

    async def _is_settled(self) -> bool:
        before = cpu_by_name(self._pids)
        began = time.perf_counter()
        await asyncio.sleep(LOOK_SECONDS)
        is_done = await owes_nothing(self._resources)
        used = (sum(cpu_by_name(self._pids).values()) - sum(before.values())) / (time.perf_counter() - began)
        return is_done and used <= QUIET_FACTOR * sum(self._idle.values()) + QUIET_MS
