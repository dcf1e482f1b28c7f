"""The rate at which sockets of unknown sessions connect, the memory of an idle one, and that 10,000 stay open.

`python -m bench.idle_sockets [SECONDS]` keeps them open that long, five minutes by default, against the stack of
`make up` (with `DECODE_RATE_LIMITS=off`). `make bench` keeps them open for a moment.
"""

import asyncio
import os
import resource
import sys
import time
from pathlib import Path

from adapters.resources import Resources, open_resources
from bench.seeded_sessions import seed_sessions
from bench.timing import Figure
from bench.websocket_clients import ReceivedCounter, close_clients, open_clients
from config.settings import load_settings
from devstack.stack import Stack

SOCKETS = 10_000
BATCH_SIZE = 1_000
"""How many users are created before they connect: an access token is valid for minutes only."""
CONNECTS_PER_SECOND = 500.0
IDLE_KB = 30.0
MINUTES_5 = 300.0


async def measure(url: str, resources: Resources, api_pid: int, *, hold_seconds: float = 5.0) -> list[Figure]:
    """Connect each socket as another user, whose session the process has not cached."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    received, clients, taken, before = ReceivedCounter(), [], 0.0, _resident_kb(api_pid)
    for _ in range(SOCKETS // BATCH_SIZE):
        people = await seed_sessions(resources, BATCH_SIZE)
        began = time.perf_counter()
        clients += await open_clients(url, list(people.values()), received)
        taken += time.perf_counter() - began
    await asyncio.sleep(hold_seconds)
    kb_per_socket = (_resident_kb(api_pid) - before) / SOCKETS
    stayed = sum(client.is_open for client in clients)
    close_clients(clients)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return [
        Figure("sockets let in with token check", SOCKETS / taken, "promised", CONNECTS_PER_SECOND, "/s", 1.0, False),
        Figure("idle socket, memory of the gateway", kb_per_socket, "promised", IDLE_KB, "KB", 1.0, True),
        Figure(f"idle sockets that stay for {hold_seconds:.0f} s", stayed, "opened", SOCKETS, "", 1.0, False),
    ]


def _resident_kb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024


async def _main(seconds: float) -> None:
    stack = Stack(Path(os.environ.get("DECODE_RUN", ".run")))
    os.environ.update(stack.environment())
    async with open_resources(load_settings(), service="worker") as resources:
        for figure in await measure(stack.url("api"), resources, stack.pid("api"), hold_seconds=seconds):
            sys.stdout.write(f"{figure.what}: {figure.ours:.1f} {figure.unit} ({figure.limit_is} {figure.limit:.0f})\n")


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES_5))
