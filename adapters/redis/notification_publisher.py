"""Notifies the gateways of a user's new or read notifications, on a channel per user.

A message holds numbers only; gateways read the notifications from MongoDB. Messages may be lost with Redis, so gateways
also compare with MongoDB.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "notify:"

logger = logging.getLogger("decode.notifications")


class PushKind(StrEnum):
    """What a message reports: notifications were stored, or read."""

    STORED = "stored"
    READ = "read"


@dataclass(frozen=True)
class Push:
    """A message to the gateways. `number`: for STORED the newest seq, for READ the time in ms since 1970."""

    user_id: str
    kind: PushKind
    number: int


class NotificationPublisher:
    """Publishes pushes to the channels of users."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def publish_stored(self, user_id: str, seq: int) -> None:
        """Publish that notifications up to `seq` are stored. Raises the driver's errors."""
        await self._publish(Push(user_id, PushKind.STORED, seq))

    async def try_publish_stored(self, user_id: str, seq: int) -> bool:
        """Publish like `publish_stored`. Returns False instead of raising when Redis is unavailable."""
        try:
            await self.publish_stored(user_id, seq)
        except (RedisError, OSError):
            return False
        return True

    async def try_publish_many_stored(self, last_seqs: Mapping[str, int]) -> None:
        """Publish that each user's notifications up to a number are stored, in one round trip.

        While Redis is unavailable nothing is published: gateways compare with MongoDB.
        """
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for user_id, seq in last_seqs.items():
                    pipeline.publish(user_channel(user_id), f"{PushKind.STORED}:{seq}")
                await pipeline.execute()
        except (RedisError, OSError):
            logger.info("notifications not published: the gateways find them")

    async def publish_read(self, user_id: str, at: datetime) -> None:
        """Publish that notifications were marked as read at exactly `at`. Raises the driver's errors."""
        await self._publish(Push(user_id, PushKind.READ, round(at.timestamp() * 1000)))

    async def try_publish_read(self, user_id: str, at: datetime) -> None:
        """Publish like `publish_read`. While Redis is unavailable nothing is published: gateways compare later."""
        try:
            await self.publish_read(user_id, at)
        except (RedisError, OSError):
            logger.info("read notifications not published: the gateways find them")

    async def _publish(self, push: Push) -> None:
        await self._redis.publish(user_channel(push.user_id), f"{push.kind}:{push.number}")


def user_channel(user_id: str) -> str:
    """Return the name of the user's channel."""
    return f"{CHANNEL}{user_id}"


def parse_push(channel: str, data: str) -> Push:
    """Parse a message of a user's channel, `<kind>:<number>`. Raises ValueError for any other text."""
    kind, _, number = data.partition(":")
    return Push(channel.removeprefix(CHANNEL), PushKind(kind), int(number))
