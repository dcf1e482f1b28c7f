"""Health checks of the servers that the product depends on: in parallel, and at most every two seconds."""

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
"""Without it nothing works; without any other dependency, a part of the product still does."""

logger = logging.getLogger("decode.health")


@dataclass(frozen=True)
class DependencyHealth:
    """Result of one probe. `latency_ms`: milliseconds to two decimals; None if it failed."""

    is_up: bool
    latency_ms: float | None


class HealthChecks:
    """Probes of all dependencies, with their last results."""

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
        self._cached: dict[str, DependencyHealth] = {}
        self._cached_at = float("-inf")

    async def check_all(self) -> dict[str, DependencyHealth]:
        """Return the health of each dependency by name, at most two seconds old."""
        async with self._lock:
            if time.monotonic() - self._cached_at > CACHE_SECONDS:
                results = await asyncio.gather(*map(_latency_ms, self._probes.values()), return_exceptions=True)
                self._cached = {name: _health(name, one) for name, one in zip(self._probes, results, strict=True)}
                self._cached_at = time.monotonic()
        return self._cached


async def _latency_ms(probe: Callable[[], Awaitable[object]]) -> float:
    """Return the duration of a probe in milliseconds. Raises TimeoutError after 1.5 s, and what the probe raises."""
    began = time.perf_counter()
    async with asyncio.timeout(PROBE_TIMEOUT_SECONDS):
        await probe()
    return round((time.perf_counter() - began) * 1000, 2)


def _health(name: str, result: float | BaseException) -> DependencyHealth:
    """Return the health for a probe's latency or error. Every error means down; the log has its class."""
    if isinstance(result, BaseException):
        logger.warning("dependency does not answer", extra={"dependency": name, "error": type(result).__name__})
        return DependencyHealth(is_up=False, latency_ms=None)
    return DependencyHealth(is_up=True, latency_ms=result)
