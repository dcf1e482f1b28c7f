"""Asks the servers behind us how they are: all at once, and not more often than every two seconds."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import adapters.mongo.client
import adapters.neo4j.client
import adapters.redis.client
from adapters.resources import Resources

PROBE_TIMEOUT_SECONDS = 1.5
CACHE_SECONDS = 2.0
REQUIRED = "mongodb"
"""Without it nothing works; without any other, something still does."""

logger = logging.getLogger("decode.health")


@dataclass(frozen=True)
class DependencyHealth:
    is_up: bool
    latency_ms: float | None


class HealthChecks:
    def __init__(self, resources: Resources) -> None:
        clients = resources.clients
        self._probes: Mapping[str, Callable[[], Awaitable[object]]] = {
            REQUIRED: lambda: adapters.mongo.client.ping(clients.mongo),
            "neo4j": lambda: adapters.neo4j.client.ping(clients.neo4j),
            "redis": lambda: adapters.redis.client.ping(clients.redis),
            "temporal": lambda: clients.temporal.service_client.check_health(),
            "smtp": resources.delivery.smtp.ping,
        }
        self._lock = asyncio.Lock()
        self._seen: dict[str, DependencyHealth] = {}
        self._seen_at = float("-inf")

    async def check_all(self) -> dict[str, DependencyHealth]:
        """State and latency by name, at most two seconds old."""
        async with self._lock:
            if time.monotonic() - self._seen_at > CACHE_SECONDS:
                found = await asyncio.gather(*map(_latency_ms, self._probes.values()), return_exceptions=True)
                self._seen = {name: _dependency(name, one) for name, one in zip(self._probes, found, strict=True)}
                self._seen_at = time.monotonic()
        return self._seen


async def _latency_ms(probe: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
        await probe()
    return round((time.perf_counter() - began) * 1000, 2)


def _dependency(name: str, found: float | BaseException) -> DependencyHealth:
    """Whatever went wrong means one thing to the caller, it does not answer; the log says what it was."""
    if isinstance(found, BaseException):
        logger.warning("dependency does not answer", extra={"dependency": name, "error": type(found).__name__})
        return DependencyHealth(is_up=False, latency_ms=None)
    return DependencyHealth(is_up=True, latency_ms=found)
