"""Hints over the real Redis, and without any."""

import asyncio

from adapters.redis.client import open_redis
from adapters.redis.session_invalidations import InvalidationKind, SessionInvalidation, SessionInvalidations
from adapters.redis.subscriptions import Gap, PubSubEvent
from adapters.resources import Resources

CLOSED_PORT = "redis://127.0.0.1:1/0"
SESSION_ID = "0123456789abcdef01234567"


async def test_hint_reaches_subscribers(resources: Resources) -> None:
    invalidations = resources.auth.session_invalidations
    heard = aiter(resources.subscriptions.listen())
    assert isinstance(await anext(heard), Gap)

    await invalidations.publish_session_ended(SESSION_ID)
    await invalidations.publish_account_changed(SESSION_ID)

    found: set[PubSubEvent] = set()
    async with asyncio.timeout(1):
        while (
            not {
                SessionInvalidation(InvalidationKind.SESSION, SESSION_ID),
                SessionInvalidation(InvalidationKind.USER, SESSION_ID),
            }
            <= found
        ):
            found.add(await anext(heard))


async def test_lost_hint_is_no_error() -> None:
    redis = open_redis(CLOSED_PORT)

    await SessionInvalidations(redis).publish_session_ended(SESSION_ID)

    await redis.aclose()
