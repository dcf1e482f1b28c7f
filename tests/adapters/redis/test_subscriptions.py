"""What a process hears over Redis: of whom, and from when on again."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import pytest
from bson import ObjectId
from redis.exceptions import RedisError

from adapters.redis.notification_publisher import Push, PushKind
from adapters.redis.subscriptions import Gap, Subscriptions
from adapters.resources import Resources

SECONDS = 10.0


@pytest.fixture
def subscriptions(resources: Resources) -> Subscriptions:
    """Its own, which nobody listens to yet."""
    return Subscriptions(resources.clients.redis)


async def test_who_is_followed_while_listening_begins_is_heard_of(
    resources: Resources, subscriptions: Subscriptions
) -> None:
    someone = str(ObjectId())
    async with aclosing(subscriptions.listen()) as heard:
        first, _ = await asyncio.gather(anext(heard), subscriptions.subscribe([someone]))
        assert isinstance(first, Gap)

        await resources.notifications.publisher.publish_stored(someone, 1)

        assert await asyncio.wait_for(anext(heard), SECONDS) == Push(someone, PushKind.STORED, 1)


async def test_what_was_heard_is_not_missed(resources: Resources, subscriptions: Subscriptions) -> None:
    someone = str(ObjectId())
    await subscriptions.subscribe([someone])
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
