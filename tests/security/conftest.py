"""Fixtures for the tests of attacks, and of what two processes of the API know of each other."""

from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.resources import Resources
from config.settings import Settings
from tests.support.accounts import make_account
from tests.support.people import SignedIn
from tests.support.rate_limited_api import serving


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """A new account, signed in on a trusted device."""
    return await make_account(resources)


@pytest.fixture
async def other_process(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A second API on the same servers, with caches of its own."""
    async with serving(settings) as other, other.client_anywhere() as client:
        yield client


@pytest.fixture
async def deaf_process(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A second API that gets no invalidation and no hint: its Redis is unavailable."""
    without_redis = settings.model_copy(update={"redis_url": type(settings.redis_url)("redis://:x@127.0.0.1:1/0")})
    async with serving(without_redis) as other, other.client_anywhere() as client:
        yield client
