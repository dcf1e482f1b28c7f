"""Tells the gateways that somebody has news, on a channel of that person: numbers only, the truth is re-read.

A word may be lost with Redis: gateways compare with MongoDB as well.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "notify:"


class PushKind(StrEnum):
    STORED = "stored"
    READ = "read"


@dataclass(frozen=True)
class Push:
    """`number`: of STORED the newest seq, of READ the time of reading in milliseconds."""

    user_id: str
    kind: PushKind
    number: int


class NotificationPublisher:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def publish_stored(self, user_id: str, seq: int) -> None:
        """Notifications up to `seq` are in the store. Raises the driver's error."""
        await self._publish(Push(user_id, PushKind.STORED, seq))

    async def try_publish_stored(self, user_id: str, seq: int) -> bool:
        """The same, whether or not Redis is there. Returns whether it was."""
        try:
            await self.publish_stored(user_id, seq)
        except (RedisError, OSError):
            return False
        return True

    async def publish_read(self, user_id: str, at: datetime) -> None:
        """Notifications were read at this very time. Raises the driver's error."""
        await self._publish(Push(user_id, PushKind.READ, round(at.timestamp() * 1000)))

    async def _publish(self, push: Push) -> None:
        await self._redis.publish(user_channel(push.user_id), f"{push.kind}:{push.number}")


def user_channel(user_id: str) -> str:
    return f"{CHANNEL}{user_id}"


def parse_push(channel: str, data: str) -> Push:
    """What was published. Raises ValueError for what is none of ours."""
    what, _, number = data.partition(":")
    return Push(channel.removeprefix(CHANNEL), PushKind(what), int(number))
