"""From a follow to the frame at the client, idle: hop by hop, and beside Redis alone."""

import asyncio
import json
import statistics
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from adapters.resources import Resources
from bench.timing import Figure, milliseconds
from tests.accounts import make_account
from tests.people import SignedIn

FOLLOWS = 40
WARM_UP = 5
OLD_SYSTEM_MS = 27.0
PROMISED_MS = 100.0


@dataclass(frozen=True)
class Hops:
    """Milliseconds: until the edge is answered for, until the entity stores, until the frame is written, until it is
    at the client.
    """

    answered: float
    storing: float
    written: float
    arrived: float


async def measure(api: httpx.AsyncClient, resources: Resources) -> list[Figure]:
    """One follow after the other, each by somebody whom the API knows and of somebody whom nobody has woken."""
    hops = [await _follow(api, resources) for _ in range(WARM_UP + FOLLOWS)][WARM_UP:]
    wholes = sorted(each.arrived for each in hops)
    redis = statistics.median(await milliseconds([lambda: resources.clients.redis.publish("bench", "x")] * 100))
    middle = Hops(*(statistics.median(each) for each in zip(*(vars(hop).values() for hop in hops), strict=True)))
    told = (
        f"promised; answered after {middle.answered:.1f}, storing began after {middle.storing:.1f}, "
        f"written after {middle.written:.1f}; a word to Redis takes {redis:.1f}"
    )
    return [
        Figure("follow to frame, idle, p50", statistics.median(wholes), told, OLD_SYSTEM_MS, "ms", 1.0, True),
        Figure("follow to frame, idle, p95", wholes[int(len(wholes) * 0.95)], "promised", PROMISED_MS, "ms", 1.0, True),
    ]


async def _follow(api: httpx.AsyncClient, resources: Resources) -> Hops:
    followed, follower = await make_account(resources), await make_account(resources)
    place = f"{str(api.base_url).replace('http', 'ws', 1).rstrip('/')}/notifications?after=0"
    async with connect(place, additional_headers=followed.bearer) as socket:
        await socket.recv()
        (await api.get("/auth/user/current", headers=follower.bearer)).raise_for_status()
        began, at = time.perf_counter(), time.time()
        answer = asyncio.create_task(_request(api, follower, followed))
        frame = await _frame(socket)
        arrived = time.perf_counter() - began
        return Hops(
            answered=(await answer - began) * 1000,
            storing=_since(at, frame["data"]["createdAt"]),
            written=_since(at, frame["timestamp"]),
            arrived=arrived * 1000,
        )


async def _request(api: httpx.AsyncClient, follower: SignedIn, followed: SignedIn) -> float:
    body = {"user_id_to": followed.user["_id"]}
    (await api.post("/relationship/follow/following", json=body, headers=follower.bearer)).raise_for_status()
    return time.perf_counter()


async def _frame(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await socket.recv())
    assert frame["event"] == "notification_received", frame
    return frame


def _since(at: float, written: object) -> float:
    """Milliseconds from `at` to a time that the server wrote: all processes are on this machine."""
    return (datetime.fromisoformat(str(written)).timestamp() - at) * 1000
