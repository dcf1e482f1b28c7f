"""Roles and permissions of this moment, as this process knows them: ten seconds old at most, compiled once a version.

A change here reaches every API process within a second, by a message over Redis. While Redis is unavailable the ten
seconds are the bound. Whether a grant has run out is judged at each use, cached or not.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from adapters.mongo.users.access_head import AccessHead
from adapters.redis.session_invalidations import AccessChanged, SessionInvalidations
from adapters.redis.subscriptions import Gap, PubSubEvent
from domain.users.access import BUILT_IN_ACCESS, Access
from domain.users.users import User

TTL_SECONDS = 9.0
"""The promised bound is ten; the tenth second covers the request in progress."""


class RoleCatalogue:
    """The permissions of accounts, by their roles and grants. `clock`: monotonic time in seconds."""

    def __init__(
        self, head: AccessHead, hints: SessionInvalidations, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._head = head
        self._hints = hints
        self._clock = clock
        self._access = BUILT_IN_ACCESS
        self._fresh_until = -1.0
        self._forgotten = 0
        """How often it was forgotten: what is being read meanwhile may be older."""
        self._reading = asyncio.Lock()

    async def permissions_of(self, user: User, now: datetime) -> frozenset[str]:
        """Return the names of all permissions that the account has at `now`. Raises the driver's errors."""
        return (await self.current()).permissions_of(user, now)

    async def current(self) -> Access:
        """Return roles and permissions as they were within the last ten seconds."""
        if self._clock() >= self._fresh_until:
            async with self._reading:
                if self._clock() >= self._fresh_until:
                    await self._read()
        return self._access

    async def newest(self) -> Access:
        """Return roles and permissions as they are now. Compiled again only if they have changed."""
        async with self._reading:
            await self._read()
        return self._access

    async def announce(self, version: int) -> None:
        """Forget what is older than this version, here at once, and in other processes within a second."""
        self._forget()
        await self._hints.publish_access_changed(version)

    def handle(self, event: PubSubEvent) -> None:
        """Apply another process's hint. A gap in the subscription forgets all: messages may be lost."""
        if isinstance(event, Gap) or (isinstance(event, AccessChanged) and event.version > self._access.version):
            self._forget()

    def _forget(self) -> None:
        self._forgotten += 1
        self._fresh_until = -1.0

    async def _read(self) -> None:
        began_at, forgotten = self._clock(), self._forgotten
        if await self._head.version() != self._access.version:
            self._access = await self._head.read()
        if forgotten == self._forgotten:
            self._fresh_until = began_at + TTL_SECONDS
