"""Hints over the real Redis, and without any."""

import asyncio

from adapters.redis.client import open_redis
from adapters.redis.session_invalidations import Hint, Hinted, SessionHints
from adapters.redis.subscriptions import Missed, Word
from adapters.resources import Resources

NOBODY = "redis://127.0.0.1:1/0"
SESSION_ID = "0123456789abcdef01234567"


async def test_hint_reaches_who_listens(resources: Resources) -> None:
    hints = resources.auth.session_hints
    heard = aiter(resources.notifications.subscriptions.listen())
    assert isinstance(await anext(heard), Missed)

    await hints.session_ended(SESSION_ID)
    await hints.account_changed(SESSION_ID)

    found: set[Word] = set()
    async with asyncio.timeout(1):
        while not {Hint(Hinted.SESSION, SESSION_ID), Hint(Hinted.USER, SESSION_ID)} <= found:
            found.add(await anext(heard))


async def test_lost_hint_is_no_error() -> None:
    redis = open_redis(NOBODY)

    await SessionHints(redis).session_ended(SESSION_ID)

    await redis.aclose()
