"""Hints that a session or an account has changed, on the channel `sessions`: ids only, the truth is re-read.

A hint may be lost with Redis. What listens must not rely on it for longer than ten seconds.
"""

import logging
from dataclasses import dataclass
from enum import StrEnum

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "sessions"

logger = logging.getLogger("decode.hints")


class InvalidationKind(StrEnum):
    SESSION = "session"
    USER = "user"


@dataclass(frozen=True)
class SessionInvalidation:
    kind: InvalidationKind
    target_id: str


class SessionInvalidations:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def publish_session_ended(self, session_id: str) -> None:
        await self._publish(SessionInvalidation(InvalidationKind.SESSION, session_id))

    async def publish_account_changed(self, user_id: str) -> None:
        """Epoch, role, standing or any of the account's sessions."""
        await self._publish(SessionInvalidation(InvalidationKind.USER, user_id))

    async def _publish(self, invalidation: SessionInvalidation) -> None:
        try:
            await self._redis.publish(CHANNEL, f"{invalidation.kind}:{invalidation.target_id}")
        except RedisError:
            logger.warning("hint lost: redis is away", extra={"dependency": "redis"})


def parse_invalidation(data: str) -> SessionInvalidation:
    """What was published. Raises ValueError for what is none of ours."""
    what, _, which = data.partition(":")
    return SessionInvalidation(InvalidationKind(what), which)
