"""The throughput of a gateway, compared with bare `websockets`: the same frames to as many sockets, one process.

`python -m bench.fan_out PORT` serves the limit until it is terminated.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, broadcast, serve

from adapters.resources import Resources
from bench.bench import Bench
from bench.cpu import cpu_ms
from bench.figure import Figure, Limit, at_least_times, at_most_times
from bench.seeded_sessions import seed_sessions
from bench.websocket_clients import ReceivedCounter, close_clients, open_clients
from devstack.ports import choose_ports
from tests.support.notifications import new_notifications
from tests.support.polling import eventually

ROOT = Path(__file__).resolve().parent.parent
PEOPLE, SOCKETS_EACH = 100, 10
NOTIFICATIONS_PER_ROUND = 10
"""Notifications per user."""
DELIVERIES_PER_ROUND = PEOPLE * SOCKETS_EACH * NOTIFICATIONS_PER_ROUND
FRAME = '{"event":"notification_received","data":{"message":"' + "x" * 480 + '"}}'


@dataclass(frozen=True)
class FanOut:
    per_second: float
    cpu_us: float


async def measure(bench: Bench) -> list[Figure]:
    """Return deliveries per second and CPU per delivery, with a thousand sockets on one process."""
    rounds = bench.rounds(6, 2)
    async with _baseline_server() as (bare_url, bare_pid):
        bare = await _measure_baseline(bare_url, bare_pid, rounds)
    ours = await _measure_gateway(bench, rounds)
    what = "bare `websockets` broadcast"
    return [
        Figure(
            what="WebSocket fan-out, 1 000 sockets",
            ours=ours.per_second,
            unit="/s",
            limit=Limit(what, bare.per_second),
            want=at_least_times(0.6),
            because="the write to each socket, one system call; before the first, the notifications are read once.",
        ),
        Figure(
            what="WebSocket delivery, CPU of the gateway's process",
            ours=ours.cpu_us,
            unit="µs",
            limit=Limit(what, bare.cpu_us),
            want=at_most_times(1.4),
            because="the write to each socket, one system call; what is ours is the check of number and room.",
        ),
    ]


async def _measure_gateway(bench: Bench, rounds: int) -> FanOut:
    """Measure from the Redis message to the last frame: the gateway reads MongoDB once and writes to all sockets."""
    resources, pid = bench.resources, bench.api_pid
    people, received = await seed_sessions(resources, PEOPLE), ReceivedCounter()
    clients = await open_clients(bench.url, [token for token in people.values() for _ in range(SOCKETS_EACH)], received)
    spent = taken = 0.0
    for number in range(1, rounds + 1):
        seqs = {user_id: await _stored(resources, user_id) for user_id in people}
        began, before = time.perf_counter(), cpu_ms([pid])
        arrived = asyncio.create_task(received.wait_for(number * DELIVERIES_PER_ROUND))
        for user_id, seq in seqs.items():
            await resources.notifications.publisher.publish_stored(user_id, seq)
        await arrived
        taken, spent = taken + time.perf_counter() - began, spent + cpu_ms([pid]) - before
    close_clients(clients)
    return _fan_out(rounds, taken, spent)


async def _stored(resources: Resources, user_id: str) -> int:
    return (
        await resources.notifications.notifications.write(
            user_id, new_notifications(NOTIFICATIONS_PER_ROUND), datetime.now(UTC)
        )
    ).last_seq


async def _measure_baseline(url: str, pid: int, rounds: int) -> FanOut:
    received = ReceivedCounter()
    clients = await open_clients(url, [""] * PEOPLE * SOCKETS_EACH, received, path="/", greeting=b"\r\n\r\n")
    async with connect(f"{url.replace('http', 'ws')}/control") as control:
        spent = taken = 0.0
        for number in range(1, rounds + 1):
            began, before = time.perf_counter(), cpu_ms([pid])
            arrived = asyncio.create_task(received.wait_for(number * DELIVERIES_PER_ROUND))
            await control.send(str(NOTIFICATIONS_PER_ROUND))
            await arrived
            taken, spent = taken + time.perf_counter() - began, spent + cpu_ms([pid]) - before
    close_clients(clients)
    return _fan_out(rounds, taken, spent)


def _fan_out(rounds: int, taken: float, spent_ms: float) -> FanOut:
    deliveries = rounds * DELIVERIES_PER_ROUND
    return FanOut(deliveries / taken, spent_ms * 1000 / deliveries)


@asynccontextmanager
async def _baseline_server() -> AsyncIterator[tuple[str, int]]:
    port = choose_ports(["bare"], kept={}, running=())["bare"]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.fan_out", str(port), cwd=ROOT)

    async def answers() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    try:
        await eventually(answers)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        await process.wait()


async def _serve(port: int) -> None:
    """Send the frame to all connections as often as the client at /control requests."""
    connections: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        if connection.request and connection.request.path == "/control":
            async for message in connection:
                for _ in range(int(message)):
                    broadcast(connections, FRAME)
                    await asyncio.sleep(0)
            return
        connections.add(connection)
        await connection.wait_closed()
        connections.discard(connection)

    async with serve(handle, "127.0.0.1", port, compression=None, ping_interval=None) as server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
