"""The latency from a follow to the frame at the client, idle: hop by hop, and compared with Redis alone."""

import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from adapters.resources import Resources
from bench.bench import Bench
from bench.figure import Figure, at_most
from bench.timing import milliseconds, percentile
from tests.support.accounts import make_account
from tests.support.people import SignedIn

FRAME_MS = 27.0
P95_MS = 100.0


@dataclass(frozen=True)
class HopLatencies:
    """Milliseconds from the request to the API's answer, to the start of storing, to the write of the frame, and to
    its arrival at the client.
    """

    answered: float
    storing: float
    written: float
    arrived: float


async def measure(bench: Bench) -> list[Figure]:
    """Measure one follow after the other on an idle stack, by users with cached sessions; from request to frame."""
    follows, warm_up, followed = bench.rounds(40, 12), bench.rounds(5, 2), await make_account(bench.resources)
    resources = bench.resources
    async with httpx.AsyncClient(base_url=bench.url, timeout=30) as api:
        warm = [await _follow(api, resources, followed) for _ in range(warm_up + follows)][warm_up:]
        cold = [await _follow(api, resources, await make_account(resources)) for _ in range(follows)]
    redis = statistics.median(await milliseconds([lambda: resources.clients.redis.publish("bench", "x")] * 100))
    wholes = [hops.arrived for hops in warm]
    slowest = [hops for hops in warm if hops.arrived >= percentile(wholes, 0.9)]
    return [
        Figure(
            what="follow to frame, idle, p50",
            ours=statistics.median(wholes),
            unit="ms",
            want=at_most(FRAME_MS),
            because=f"{_hops(warm)}; a word to Redis takes {redis:.1f}.",
        ),
        Figure(
            what="follow to frame, idle, p95",
            ours=percentile(wholes, 0.95),
            unit="ms",
            want=at_most(P95_MS),
            because=f"of the slowest tenth: {_hops(slowest)}.",
        ),
        Figure(
            what="follow of different people to frame, idle, p50",
            ours=_median(cold).arrived,
            unit="ms",
            want=at_most(FRAME_MS),
            because=f"{_hops(cold)}.",
        ),
    ]


def _median(hops: Sequence[HopLatencies]) -> HopLatencies:
    return HopLatencies(*(statistics.median(times) for times in zip(*map(astuple, hops), strict=True)))


def _hops(hops: Sequence[HopLatencies]) -> str:
    middle = _median(hops)
    return (
        f"answered after {middle.answered:.1f} ms, storing began after {middle.storing:.1f}, "
        f"written after {middle.written:.1f}"
    )


async def _follow(api: httpx.AsyncClient, resources: Resources, followed: SignedIn) -> HopLatencies:
    follower, last = await make_account(resources), await _last_seq(resources, followed)
    place = f"{str(api.base_url).replace('http', 'ws', 1).rstrip('/')}/notifications?after={last}"
    async with connect(place, additional_headers=followed.bearer) as socket:
        await socket.recv()
        (await api.get("/auth/user/current", headers=follower.bearer)).raise_for_status()
        began, at = time.perf_counter(), time.time()
        answer = asyncio.create_task(_request(api, follower, followed))
        frame = await _frame(socket)
        arrived = time.perf_counter() - began
        return HopLatencies(
            answered=(await answer - began) * 1000,
            storing=_since(at, frame["data"]["createdAt"]),
            written=_since(at, frame["timestamp"]),
            arrived=arrived * 1000,
        )


async def _last_seq(resources: Resources, account: SignedIn) -> int:
    return (await resources.notifications.inboxes.find_last_seqs([account.user["_id"]])).get(account.user["_id"], 0)


async def _request(api: httpx.AsyncClient, follower: SignedIn, followed: SignedIn) -> float:
    body = {"user_id_to": followed.user["_id"]}
    (await api.post("/relationship/follow/following", json=body, headers=follower.bearer)).raise_for_status()
    return time.perf_counter()


async def _frame(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await socket.recv())
    assert frame["event"] == "notification_received", frame
    return frame


def _since(at: float, written: object) -> float:
    """Return the milliseconds from `at` to a server's timestamp; all processes share this machine's clock."""
    return (datetime.fromisoformat(str(written)).timestamp() - at) * 1000
