"""Hints that a session, an account, an API key, or the roles of all have changed, on the channel `sessions`: ids and
versions only, receivers read MongoDB again.

A hint may be lost with Redis. A receiver must not rely on hints for longer than ten seconds.
"""

import logging
from dataclasses import dataclass
from enum import StrEnum

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "sessions"
ACCESS = "access"

logger = logging.getLogger("decode.hints")


class InvalidationKind(StrEnum):
    """What has changed: one session, an account with all its sessions and API keys, or one of these keys."""

    SESSION = "session"
    USER = "user"
    KEY = "key"


@dataclass(frozen=True)
class SessionInvalidation:
    """A hint. `target_id`: a session id for SESSION, a user id for USER, a key's prefix for KEY."""

    kind: InvalidationKind
    target_id: str


@dataclass(frozen=True)
class AccessChanged:
    """A hint: roles or permissions have this version now."""

    version: int


class SessionInvalidations:
    """Publishes hints. A RedisError is logged and the hint is lost: no method raises it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def publish_session_ended(self, session_id: str) -> None:
        """Publish that one session has ended."""
        await self._publish(InvalidationKind.SESSION, session_id)

    async def publish_account_changed(self, user_id: str) -> None:
        """Publish that the account's epoch, role, status or any of its sessions has changed."""
        await self._publish(InvalidationKind.USER, user_id)

    async def publish_key_changed(self, prefix: str) -> None:
        """Publish that the API key with this prefix was changed, rotated or revoked."""
        await self._publish(InvalidationKind.KEY, prefix)

    async def publish_access_changed(self, version: int) -> None:
        """Publish that roles or permissions have this version now."""
        await self._publish(ACCESS, str(version))

    async def _publish(self, kind: str, target: str) -> None:
        try:
            await self._redis.publish(CHANNEL, f"{kind}:{target}")
        except RedisError:
            logger.warning("hint lost: redis is away", extra={"dependency": "redis"})


def parse_invalidation(data: str) -> SessionInvalidation | AccessChanged:
    """Parse a message of the channel, `<kind>:<id>` or `access:<version>`. Raises ValueError for an unknown kind."""
    kind, _, target = data.partition(":")
    return AccessChanged(int(target)) if kind == ACCESS else SessionInvalidation(InvalidationKind(kind), target)
