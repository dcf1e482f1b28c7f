"""The one pub/sub connection of a process: hints about sessions, and news of the people it has sockets of.

Words may be lost whenever the connection is: then `Gap` says that everything must be read anew.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError, RedisError

from adapters.redis import session_invalidations as session_hints
from adapters.redis.notification_publisher import CHANNEL, Push, parse_push, user_channel
from adapters.redis.session_invalidations import SessionInvalidation, parse_invalidation

PING_EVERY_SECONDS = 5.0
MAX_SILENCE_SECONDS = 2 * PING_EVERY_SECONDS + 1
"""A server that does not even answer pings is gone, whatever its connection says."""
CONFIRM_TIMEOUT_SECONDS = 1.0
MAX_CHANNELS_PER_COMMAND = 1_000


@dataclass(frozen=True)
class Gap:
    """Words that were said after `since` may not have come."""

    since: datetime


PubSubEvent = SessionInvalidation | Push | Gap


class Subscriptions:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._channels: dict[str, None] = {}
        self._confirmations: dict[str, asyncio.Event] = {}
        self._pubsub: PubSub | None = None
        self._heard_at = datetime.now(UTC)
        self._sending = asyncio.Lock()

    async def listen(self) -> AsyncGenerator[PubSubEvent, None]:
        """Words as they come; `Gap` when listening begins or begins again.

        Raises the driver's errors when Redis goes away. What is followed is followed again by the next `listen`.
        """
        async with self._redis.pubsub() as pubsub:
            await self._send_subscriptions(pubsub)
            self._pubsub = pubsub
            try:
                async for word in self._words(pubsub):
                    yield word
            finally:
                self._pubsub = None

    async def _words(self, pubsub: PubSub) -> AsyncGenerator[PubSubEvent, None]:
        """What the messages of one connection say. The hints' channel is confirmed last: then nothing is missed."""
        is_whole = False
        async for message in _messages(pubsub):
            kind, channel = message["type"], str(message["channel"])
            if kind == "subscribe":
                self._confirm(channel)
                # The driver may have connected anew by itself: then it subscribes again.
                if channel == session_hints.CHANNEL:
                    is_whole = True
                    yield Gap(self._heard_at)
                continue
            if kind == "message":
                yield _parse_event(channel, str(message["data"]))
            if is_whole:
                # Not before: what was missed would be forgotten if this connection broke as well.
                self._heard_at = datetime.now(UTC)

    async def _send_subscriptions(self, pubsub: PubSub) -> None:
        """To all that is followed, and to whom somebody begins to follow meanwhile."""
        said: set[str] = set()
        while new := [each for each in (*self._channels, session_hints.CHANNEL) if each not in said]:
            for channels in _chunks(new):
                await pubsub.subscribe(*channels)
            said.update(new)

    async def subscribe(self, user_ids: Sequence[str]) -> None:
        """Return once the news of these people reach this process; with Redis away after a moment, without it."""
        channels = list(map(user_channel, user_ids))
        self._channels |= dict.fromkeys(channels)
        if self._pubsub is None:
            return
        confirmations = [self._confirmations.setdefault(channel, asyncio.Event()) for channel in channels]
        try:
            async with asyncio.timeout(CONFIRM_TIMEOUT_SECONDS):
                async with self._sending:
                    await self._pubsub.subscribe(*channels)
                for confirmation in confirmations:
                    await confirmation.wait()
        except (RedisError, OSError, TimeoutError):
            return
        finally:
            for channel in channels:
                self._confirmations.pop(channel, None)

    async def unsubscribe(self, user_id: str) -> None:
        """Their news are of no interest here any more."""
        self._channels.pop(user_channel(user_id), None)
        async with self._sending:
            # They may have come back while others were being sent.
            if self._pubsub is not None and user_channel(user_id) not in self._channels:
                await self._pubsub.unsubscribe(user_channel(user_id))

    def _confirm(self, channel: str) -> None:
        confirmation = self._confirmations.get(channel)
        if confirmation is not None:
            confirmation.set()


async def _messages(pubsub: PubSub) -> AsyncIterator[dict[str, Any]]:
    """Everything that comes, with a ping whenever nothing did. Raises ConnectionError when not even pongs come."""
    heard_at = time.monotonic()
    while True:
        # Not with ignore_subscribe_messages: it makes a pong look like silence, which is pinged again.
        message = await pubsub.get_message(timeout=PING_EVERY_SECONDS)
        if message is not None:
            heard_at = time.monotonic()
            yield message
        elif time.monotonic() - heard_at > MAX_SILENCE_SECONDS:
            raise ConnectionError("silence")
        elif time.monotonic() - heard_at >= PING_EVERY_SECONDS:
            await pubsub.ping()


def _parse_event(channel: str, data: str) -> PubSubEvent:
    return parse_push(channel, data) if channel.startswith(CHANNEL) else parse_invalidation(data)


def _chunks(channels: Sequence[str]) -> Iterable[Sequence[str]]:
    return (
        channels[start : start + MAX_CHANNELS_PER_COMMAND]
        for start in range(0, len(channels), MAX_CHANNELS_PER_COMMAND)
    )
