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


class Hinted(StrEnum):
    SESSION = "session"
    USER = "user"


@dataclass(frozen=True)
class Hint:
    what: Hinted
    which: str


class SessionHints:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def session_ended(self, session_id: str) -> None:
        await self._publish(Hint(Hinted.SESSION, session_id))

    async def account_changed(self, user_id: str) -> None:
        """Epoch, role, standing or any of the account's sessions."""
        await self._publish(Hint(Hinted.USER, user_id))

    async def _publish(self, hint: Hint) -> None:
        try:
            await self._redis.publish(CHANNEL, f"{hint.what}:{hint.which}")
        except RedisError:
            logger.warning("hint lost: redis is away", extra={"dependency": "redis"})


def parse_hint(data: str) -> Hint:
    """What was published. Raises ValueError for what is none of ours."""
    what, _, which = data.partition(":")
    return Hint(Hinted(what), which)
