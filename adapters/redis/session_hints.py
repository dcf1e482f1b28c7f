"""Hints that a session or an account has changed, on the channel `sessions`: ids only, the truth is re-read.

A hint may be lost with Redis. What listens must not rely on it for longer than ten seconds.
"""

import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "sessions"
PING_EVERY_SECONDS = 5.0

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

    async def listen(self) -> AsyncIterator[Hint | None]:
        """Hints as they come; None when listening begins: whatever was hinted before is not known.

        Raises the driver's errors when Redis goes away.
        """
        async with self._redis.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            yield None
            pinged_at = time.monotonic()
            while True:
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=PING_EVERY_SECONDS)
                if message is None and time.monotonic() - pinged_at >= PING_EVERY_SECONDS:
                    # The pong comes back as a None of its own: pinging at each None would never rest.
                    await channel.ping()
                    pinged_at = time.monotonic()
                elif message is not None and message["type"] == "message":
                    what, _, which = str(message["data"]).partition(":")
                    yield Hint(Hinted(what), which)

    async def _publish(self, hint: Hint) -> None:
        try:
            await self._redis.publish(CHANNEL, f"{hint.what}:{hint.which}")
        except RedisError:
            logger.warning("hint lost: redis is away", extra={"dependency": "redis"})
