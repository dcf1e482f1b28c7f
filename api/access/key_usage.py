"""How API keys are used: counted in this process and written every ten seconds, so that no call costs a write.

What a process has counted since then is lost when it is killed, and while MongoDB is unavailable. A clean stop writes
it.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from starlette.types import Scope

from adapters.mongo.auth.api_key_uses import ApiKeyUseStore, KeyUses
from api.access.request_context import current_time
from api.http.outages import logged_unless_away
from domain.auth.api_keys import ApiKey, DayOfUse
from domain.client_network import client_network

WRITE_SECONDS = 10.0
MAX_PENDING = 10_000
"""Keys with counts that are not written yet. Beyond this the oldest counts are lost."""
REFUSED = (401, 403, 429)
"""The key's network, its scopes or its owner's rights, its limit."""

logger = logging.getLogger("decode.api")


@dataclass
class _Counts:
    last_at: datetime
    last_network: str
    calls: int = 0
    refusals: int = 0
    routes: set[str] = field(default_factory=set)


class KeyUsage:
    """Counts of this process that are not written yet, by key and day."""

    def __init__(self, store: ApiKeyUseStore) -> None:
        self._store = store
        self._pending: OrderedDict[tuple[str, str], _Counts] = OrderedDict()

    def count(self, key_id: str, *, route: str, network: str, now: datetime, is_refused: bool) -> None:
        """Count one call. `route`: method and template of the path, never the path itself."""
        counts = self._pending.setdefault((key_id, now.date().isoformat()), _Counts(now, network))
        counts.last_at, counts.last_network = now, network
        counts.calls += 1
        counts.refusals += is_refused
        counts.routes.add(route)
        if len(self._pending) > MAX_PENDING:
            self._pending.popitem(last=False)

    async def write(self) -> None:
        """Write what was counted since the last time. Raises the driver's errors; the counts are lost then."""
        pending, self._pending = self._pending, OrderedDict()
        await self._store.add(
            [
                KeyUses(
                    key_id,
                    DayOfUse(day, counts.calls, counts.refusals, sorted(counts.routes)),
                    counts.last_at,
                    counts.last_network,
                )
                for (key_id, day), counts in pending.items()
            ]
        )

    async def write_until(self, stopped: asyncio.Event) -> None:
        """Write every ten seconds until stopped, and a last time then."""
        while not stopped.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(WRITE_SECONDS):
                    await stopped.wait()
            with logged_unless_away("uses of API keys are lost", to=logger):
                await self.write()


@asynccontextmanager
async def open_key_usage(store: ApiKeyUseStore) -> AsyncIterator[KeyUsage]:
    """Yield the counts of a process; all of them are written at the end."""
    usage, stopped = KeyUsage(store), asyncio.Event()
    writing = asyncio.create_task(usage.write_until(stopped))
    try:
        yield usage
    finally:
        stopped.set()
        await writing


def count_use_of_key(scope: Scope, route: str | None, status: int) -> None:
    """Count a finished request if it came with a right API key."""
    key: ApiKey | None = scope["state"].get("used_key")
    if key is None:
        return
    usage: KeyUsage = scope["app"].state.key_usage
    client = scope["client"]
    usage.count(
        key.key_id,
        route=f"{scope['method']} {route}",
        network=client_network(client[0] if client else ""),
        now=current_time(),
        is_refused=status in REFUSED,
    )
