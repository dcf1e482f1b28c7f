"""What an operator sees of this process, of the servers behind it and of the models: states and numbers alone."""

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from adapters.area_resources import AssistantResources
from api.access.known import CacheCounts
from api.access.session_cache import SessionCache
from api.operations.health_checks import REQUIRED, DependencyHealth, HealthChecks
from domain.assistant.chats import ChatCounts
from domain.assistant.language_models import ModelState

MEMORY = Path("/proc/self/statm")
"""Sizes of this process in pages; the second is what is resident (proc(5))."""


# Words for the whole and for each part. No docstring: Pydantic shows it in docs/openapi.json.
class HealthState(StrEnum):
    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class OpenSocketCount(Protocol):
    """A gateway, as far as it is counted."""

    @property
    def socket_count(self) -> int:
        """How many sockets are open."""


@dataclass(frozen=True)
class ProcessHealth:
    """`uptime`: seconds. `memory_bytes`: resident; None where the system does not tell. `sockets`: by gateway. `chats`
    is None while MongoDB is away, `models` while Redis is.
    """

    uptime: int
    memory_bytes: int | None
    servers: Mapping[str, DependencyHealth]
    sockets: Mapping[str, int]
    chats: ChatCounts | None
    sessions_cache: CacheCounts
    models: Mapping[str, ModelState] | None

    @property
    def state(self) -> HealthState:
        """Unhealthy without MongoDB; degraded while another server is away or a model is down."""
        if not self.servers[REQUIRED].is_up:
            return HealthState.UNHEALTHY
        is_whole = all(server.is_up for server in self.servers.values())
        is_down = any(model.is_down for model in (self.models or {}).values())
        return HealthState.HEALTHY if is_whole and not is_down else HealthState.DEGRADED


class DetailedHealth:
    """Reads the health of this process. `gateways`: by name."""

    def __init__(
        self,
        resources: AssistantResources,
        checks: HealthChecks,
        session_cache: SessionCache,
        gateways: Mapping[str, OpenSocketCount],
    ) -> None:
        self._stores = resources.assistant
        self._checks = checks
        self._session_cache = session_cache
        self._gateways = gateways
        self._began_at = time.monotonic()

    async def read(self) -> ProcessHealth:
        """Return the health as it is now; that of the servers is two seconds old at most."""
        servers = await self._checks.check_all()
        chats, models = await asyncio.gather(
            self._count_chats(servers[REQUIRED].is_up), self._read_models(servers["redis"].is_up)
        )
        return ProcessHealth(
            uptime=int(time.monotonic() - self._began_at),
            memory_bytes=_resident_bytes(),
            servers=servers,
            sockets={name: gateway.socket_count for name, gateway in self._gateways.items()},
            chats=chats,
            sessions_cache=self._session_cache.counts,
            models=models,
        )

    async def _count_chats(self, is_up: bool) -> ChatCounts | None:
        return await self._stores.upkeep.count_chats(datetime.now(UTC)) if is_up else None

    async def _read_models(self, is_up: bool) -> Mapping[str, ModelState] | None:
        return await self._stores.model_health.read(list(self._stores.models.catalogue.models)) if is_up else None


def _resident_bytes() -> int | None:
    if not MEMORY.exists():
        return None
    return int(MEMORY.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
