"""The rate at which sockets of unknown sessions connect, the memory of an idle one, and that 10,000 stay open.

`python -m bench.idle_sockets [SECONDS]` keeps them open that long, five minutes by default, against the stack of
`make up` (with `DECODE_RATE_LIMITS=off`). `make bench` keeps them open for a moment.
"""

import asyncio
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.resources import Resources, open_resources
from bench.bench import Bench
from bench.figure import Figure, Limit, at_least, at_least_times, at_most
from bench.memory import resident_mb
from bench.report import plain_row
from bench.seeded_sessions import seed_sessions
from bench.websocket_clients import (
    GREETING_MARK,
    NOTIFICATIONS,
    ReceivedCounter,
    WebSocketClient,
    close_clients,
    open_clients,
)
from config.settings import load_settings
from devstack.stack import Stack

SOCKETS = 10_000
BATCH_SIZE = 1_000
"""How many users are created before they connect: an access token is valid for minutes only."""
CONNECTS_PER_SECOND = 500.0
IDLE_KB = 30.0
HOLD_SECONDS = 5.0
MINUTES_5 = 300.0


async def measure(bench: Bench) -> list[Figure]:
    """Connect each socket as another user, whose session the process has not cached."""
    return await figures(bench.url, bench.resources, bench.api_pid, sockets=bench.rounds(SOCKETS, BATCH_SIZE))


@dataclass(frozen=True)
class IdleSockets:
    """Open sockets on which nothing is said. `seconds`: until all were let in. `kb_each`: memory of the process."""

    clients: Sequence[WebSocketClient]
    seconds: float
    kb_each: float


async def figures(
    url: str, resources: Resources, api_pid: int, *, sockets: int = SOCKETS, hold_seconds: float = HOLD_SECONDS
) -> list[Figure]:
    """Measure any API process."""
    with many_files():
        idle = await open_idle(url, resources, api_pid, sockets, hold_seconds=hold_seconds)
        stayed = sum(client.is_open for client in idle.clients)
        close_clients(idle.clients)
    return [
        Figure(
            what="sockets let in with token check",
            ours=sockets / idle.seconds,
            unit="/s",
            want=at_least(CONNECTS_PER_SECOND),
            because="one process: handshake, token, session and subscription of each, batched only where they meet.",
        ),
        Figure(
            what="idle socket, memory of the gateway",
            ours=idle.kb_each,
            unit="KB",
            want=at_most(IDLE_KB),
            because="the objects of connection, room and cached session, and asyncio's transport.",
        ),
        Figure(
            what=f"idle sockets that stay for {hold_seconds:.0f} s",
            ours=stayed,
            unit="",
            limit=Limit("opened", sockets),
            want=at_least_times(1.0),
            because="nothing at this number: a ping every so often, and no timer of its own for a socket.",
        ),
    ]


async def open_idle(
    url: str,
    resources: Resources,
    api_pid: int,
    sockets: int,
    *,
    path: str = NOTIFICATIONS,
    greeting: bytes = GREETING_MARK,
    hold_seconds: float = HOLD_SECONDS,
) -> IdleSockets:
    """Open so many sockets, each of another user, and let them be idle for a while."""
    clients, taken, before = list[WebSocketClient](), 0.0, resident_mb(api_pid)
    for _ in range(sockets // BATCH_SIZE):
        tokens = list((await seed_sessions(resources, BATCH_SIZE)).values())
        began = time.perf_counter()
        clients += await open_clients(url, tokens, ReceivedCounter(), path=path, greeting=greeting)
        taken += time.perf_counter() - began
    await asyncio.sleep(hold_seconds)
    return IdleSockets(clients, taken, (resident_mb(api_pid) - before) * 1024 / sockets)


@contextmanager
def many_files() -> Iterator[None]:
    """Let this process have as many sockets as the machine allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _main(seconds: float) -> None:
    stack = Stack(Path(os.environ.get("DECODE_RUN", ".run")))
    os.environ.update(stack.environment())
    async with open_resources(load_settings(), service="worker") as resources:
        for figure in await figures(stack.url("api"), resources, stack.pid("api"), hold_seconds=seconds):
            sys.stdout.write(f"{plain_row(figure)}\n")


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES_5))
