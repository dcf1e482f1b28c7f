"""The pub/sub connection of a process: session hints, and the channels of those it has sockets of.

Messages may be lost with the connection: a `Gap` then means that everything must be read again.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError, RedisError

from adapters.redis import notification_publisher as pushes
from adapters.redis import session_invalidations as session_hints
from adapters.redis import turn_texts as turns
from adapters.redis.notification_publisher import Push
from adapters.redis.session_invalidations import AccessChanged, SessionInvalidation
from adapters.redis.turn_texts import ChatEvent

PING_EVERY_SECONDS = 5.0
MAX_SILENCE_SECONDS = 2 * PING_EVERY_SECONDS + 1
"""A server that answers no ping for this long is unavailable, even while its connection is open."""
CONFIRM_TIMEOUT_SECONDS = 1.0
MAX_CHANNELS_PER_COMMAND = 1_000


@dataclass(frozen=True)
class Gap:
    """Messages published after `since` may have been lost."""

    since: datetime


PubSubEvent = SessionInvalidation | AccessChanged | Push | ChatEvent | Gap

PARSERS: Mapping[str, Callable[[str, str], PubSubEvent]] = {
    session_hints.CHANNEL: lambda _, data: session_hints.parse_invalidation(data),
    pushes.CHANNEL: pushes.parse_push,
    turns.CHANNEL: turns.parse_change,
}
"""What parses a message, by the name of its channel up to the first colon: channel and text → event."""


class Subscriptions:
    """Subscribes to the hints and to other channels on one connection, and yields their messages as events."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._channels: dict[str, None] = {}
        self._confirmations: dict[str, asyncio.Event] = {}
        self._pubsub: PubSub | None = None
        self._received_at = datetime.now(UTC)
        self._sending = asyncio.Lock()

    @property
    def is_listening(self) -> bool:
        """Whether messages arrive: False while Redis is unavailable."""
        return self._pubsub is not None

    async def listen(self) -> AsyncGenerator[PubSubEvent, None]:
        """Yield events as they arrive; a `Gap` when listening starts and after each reconnection.

        Raises the driver's errors when Redis becomes unavailable. The next `listen` renews all subscriptions.
        """
        async with self._redis.pubsub() as pubsub:
            await self._send_subscriptions(pubsub)
            self._pubsub = pubsub
            try:
                async for event in self._events(pubsub):
                    yield event
            finally:
                self._pubsub = None

    async def _events(self, pubsub: PubSub) -> AsyncGenerator[PubSubEvent, None]:
        """Yield the events of one connection. The hints' channel is confirmed last: from then on none is missed."""
        is_complete = False
        async for message in _messages(pubsub):
            kind, channel = message["type"], str(message["channel"])
            if kind == "subscribe":
                self._confirm(channel)
                # Also after the driver has reconnected by itself: it renews its subscriptions then.
                if channel == session_hints.CHANNEL:
                    is_complete = True
                    yield Gap(self._received_at)
                continue
            if kind == "message":
                yield _parse_event(channel, str(message["data"]))
            if is_complete:
                # Not earlier: if this connection broke as well, the next Gap would begin too late.
                self._received_at = datetime.now(UTC)

    async def _send_subscriptions(self, pubsub: PubSub) -> None:
        """Subscribe to all channels, those that are added meanwhile too."""
        sent: set[str] = set()
        while new := [channel for channel in (*self._channels, session_hints.CHANNEL) if channel not in sent]:
            for channels in _chunks(new):
                await pubsub.subscribe(*channels)
            sent.update(new)

    async def subscribe(self, channels: Sequence[str]) -> None:
        """Subscribe to these channels and return once Redis confirms it.

        Never raises for Redis: without a confirmation it returns after CONFIRM_TIMEOUT_SECONDS, and while nothing
        listens it returns at once; the next `listen` subscribes.
        """
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

    async def unsubscribe(self, channel: str) -> None:
        """Unsubscribe from the channel. Raises the driver's errors."""
        self._channels.pop(channel, None)
        async with self._sending:
            # It may have been subscribed to again while this waited for the lock.
            if self._pubsub is not None and channel not in self._channels:
                await self._pubsub.unsubscribe(channel)

    def _confirm(self, channel: str) -> None:
        confirmation = self._confirmations.get(channel)
        if confirmation is not None:
            confirmation.set()


async def _messages(pubsub: PubSub) -> AsyncIterator[dict[str, Any]]:
    """Yield all messages, and send a ping when none arrives for PING_EVERY_SECONDS.

    Raises ConnectionError after MAX_SILENCE_SECONDS without a message or pong.
    """
    received_at = time.monotonic()
    while True:
        # Without ignore_subscribe_messages: it drops pongs too, which would then look like silence.
        message = await pubsub.get_message(timeout=PING_EVERY_SECONDS)
        if message is not None:
            received_at = time.monotonic()
            yield message
        elif time.monotonic() - received_at > MAX_SILENCE_SECONDS:
            raise ConnectionError("silence")
        elif time.monotonic() - received_at >= PING_EVERY_SECONDS:
            await pubsub.ping()


def _parse_event(channel: str, data: str) -> PubSubEvent:
    family, colon, _ = channel.partition(":")
    return PARSERS[family + colon](channel, data)


def _chunks(channels: Sequence[str]) -> Iterable[Sequence[str]]:
    return (
        channels[start : start + MAX_CHANNELS_PER_COMMAND]
        for start in range(0, len(channels), MAX_CHANNELS_PER_COMMAND)
    )
