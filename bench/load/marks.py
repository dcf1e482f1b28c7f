"""Rows with the marks of the load tests of the system before, and an API whose limits are out of their way."""

import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from bench.bench import Bench
from bench.figure import Figure, at_most
from bench.timing import percentile
from tests.gateway.process import processes

NO_LIMITS = {"DECODE_LIMIT_CHAT": "10000/60", "DECODE_LIMIT_TOOLS": "10000/60"}
"""They are counted as ever."""


def p95(what: str, taken: Sequence[float], mark: float, because: str) -> Figure:
    """Return the row of milliseconds of which 95 % are to be below the mark."""
    ours = percentile(taken, 0.95) if taken else math.inf
    return Figure(what=f"{what}, p95", ours=ours, unit="ms", want=at_most(mark), because=because)


def ms_since(began: float) -> float:
    """Return the milliseconds since a time of `time.perf_counter`."""
    return (time.perf_counter() - began) * 1000


@asynccontextmanager
async def without_limits(bench: Bench) -> AsyncIterator[str]:
    """Run another process of the API, whose limits no one meets, and yield its URL."""
    async with processes(bench.stack, 1, **NO_LIMITS) as (api,):
        yield api.url
