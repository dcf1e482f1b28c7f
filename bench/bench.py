"""What a group of rows gets: the stack that it measures, its stores, its mailbox, and the meter of its processes."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.resources import Resources, open_resources
from bench.meter import Meter
from bench.postman import Postman, postman_of
from config.settings import load_settings
from devstack.stack import Stack


@dataclass(frozen=True)
class Bench:
    """One run. `is_quick`: fewer rounds, for a look while working; its numbers are rougher."""

    stack: Stack
    resources: Resources
    postman: Postman
    meter: Meter
    is_quick: bool

    @property
    def url(self) -> str:
        return self.stack.url("api")

    @property
    def api_pid(self) -> int:
        return self.stack.pid("api")

    def rounds(self, whole: int, quick: int) -> int:
        """Return how often to measure."""
        return quick if self.is_quick else whole


@asynccontextmanager
async def bench_of(stack: Stack, *, is_quick: bool) -> AsyncIterator[Bench]:
    """Open what the groups need on a running stack, whose variables are in `os.environ`."""
    async with (
        open_resources(load_settings(), service="worker") as resources,
        postman_of(stack.url("mailbox")) as postman,
    ):
        yield Bench(stack, resources, postman, Meter(pids_of(stack), resources, is_quick=is_quick), is_quick)


def pids_of(stack: Stack) -> Mapping[str, int]:
    """Return the process of each server and of each process of the product. Temporal has its UI in its own process."""
    state = stack.state()
    rows = [*state["servers"], *state["processes"]]
    return {row["name"]: row["pid"] for row in rows if row["pid"] and row["name"] != "temporal-ui"}
