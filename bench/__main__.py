"""Measures the promised figures, each with its limit from the same run, and writes docs/bench.md.

`python -m bench`, on its own stack without rate limits. Exit code 1 when a figure misses its ratio.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx

from adapters.resources import open_resources
from bench import (
    erasure,
    fan_out,
    idle_sockets,
    notifications,
    reads,
    registration,
    relations,
    search,
    session_cache,
    sessions,
    sign_in,
)
from bench import follow_burst as burst
from bench import large_graph as large
from bench.bench_stack import running
from bench.timing import Figure, print_figures
from config.settings import load_settings
from devstack.stack import Stack
from tests.support.mailbox import Mailbox

REPORT = Path(__file__).resolve().parent.parent / "docs" / "bench.md"

STORES = ("mongodb", "neo4j", "redis")

HEAD = """# Measurements

Written by `make bench`. Each figure stands beside its limit, measured in the same run on the same machine;
the ratio is the result, the absolute numbers are for orientation.

"""


async def _figures(stack: Stack) -> list[Figure]:
    async with (
        httpx.AsyncClient(base_url=stack.url("api"), timeout=30) as api,
        httpx.AsyncClient(base_url=stack.url("mailbox"), timeout=30) as letters,
        open_resources(load_settings(), service="worker") as resources,
    ):
        api_and_stores = [stack.pid(name) for name in ("api", *STORES)]
        return [
            *print_figures(await registration.measure(api, Mailbox(letters), resources)),
            *print_figures(await sessions.measure(api, resources, api_and_stores)),
            *print_figures(await sign_in.measure(api, resources, api_and_stores)),
            *print_figures(await reads.measure(api, resources, stack.pid("api"))),
            *print_figures(await relations.follow(api, resources)),
            *print_figures(await erasure.measure(resources)),
            *print_figures(await notifications.measure(api, resources)),
            *print_figures(await fan_out.measure(stack.url("api"), resources, stack.pid("api"))),
            *print_figures(await burst.measure(api, resources)),
            *print_figures(await idle_sockets.measure(stack.url("api"), resources, stack.pid("api"))),
        ]


def _report(figures: Sequence[Figure]) -> str:
    rows = ["| what | ours | limit beside it | limit | ratio | want | met |", "|---|---|---|---|---|---|---|"]
    rows += [figure.row for figure in figures]
    at = datetime.now(UTC).date().isoformat()
    return f"{HEAD}Last run: {at}, {os.cpu_count()} cores, servers and clients together.\n\n" + "\n".join(rows) + "\n"


def _small() -> list[Figure]:
    """Return the figures that a stack of the default size suffices for."""
    stack = Stack(Path(".run") / "bench")
    with running(stack):
        return asyncio.run(_figures(stack))


def main() -> int:
    figures = [*session_cache.figures(), *_small(), *search.figures(), *large.figures()]
    report = _report(figures)
    REPORT.write_text(report)
    sys.stdout.write(report)
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
