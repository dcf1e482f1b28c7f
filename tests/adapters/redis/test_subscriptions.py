"""The pub/sub messages that a process receives: on which channels, and since when after a reconnect."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from bson import ObjectId
from redis.exceptions import RedisError

from adapters.redis.notification_publisher import Push, PushKind, user_channel
from adapters.redis.subscriptions import Gap, Subscriptions
from adapters.resources import Resources

SECONDS = 10.0


@pytest.fixture
def subscriptions(resources: Resources) -> Subscriptions:
    """Subscriptions of the test's own, without channels yet."""
    return Subscriptions(resources.clients.redis)


async def test_follow_during_subscription_is_received(resources: Resources, subscriptions: Subscriptions) -> None:
    someone = str(ObjectId())
    async with aclosing(subscriptions.listen()) as heard:
        first, _ = await asyncio.gather(anext(heard), subscriptions.subscribe([user_channel(someone)]))
        assert isinstance(first, Gap)

        await resources.notifications.publisher.publish_stored(someone, 1)

        assert await asyncio.wait_for(anext(heard), SECONDS) == Push(someone, PushKind.STORED, 1)


async def test_received_message_is_not_lost(resources: Resources, subscriptions: Subscriptions) -> None:
    someone = str(ObjectId())
    await subscriptions.subscribe([user_channel(someone)])
    async with aclosing(subscriptions.listen()) as heard:
        await anext(heard)
        said_at = datetime.now(UTC)
        for number in (1, 2):
            await resources.notifications.publisher.publish_stored(someone, number)
            await anext(heard)
        await resources.clients.redis.client_kill_filter(_type="pubsub")
        with pytest.raises(RedisError):
            await asyncio.wait_for(anext(heard), SECONDS)

    async with aclosing(subscriptions.listen()) as heard:
        again = await anext(heard)

    assert isinstance(again, Gap)
    assert again.since >= said_at
