"""Resident memory of processes, as the kernel counts it: now, and its course while a block runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

PAUSE_SECONDS = 0.05


@dataclass
class MemorySamples:
    """Resident memory in MB, sampled twenty times a second."""

    samples: list[float] = field(default_factory=list)

    @property
    def halves(self) -> tuple[float, float]:
        """The maximum of the first half, and that of the second."""
        middle = len(self.samples) // 2
        return max(self.samples[:middle]), max(self.samples[middle:])


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


@asynccontextmanager
async def sample_memory(pid: int) -> AsyncIterator[MemorySamples]:
    """Yield the samples of a process's memory, which grow while the block runs."""
    course = MemorySamples()

    async def watch() -> None:
        while True:
            course.samples.append(resident_mb(pid))
            await asyncio.sleep(PAUSE_SECONDS)

    watching = asyncio.create_task(watch())
    try:
        yield course
    finally:
        watching.cancel()
