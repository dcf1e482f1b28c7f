"""A user who talks with the assistant. The stack's own worker answers nothing meanwhile."""

from collections.abc import AsyncIterator

import pytest

from adapters.resources import Resources
from domain.assistant.chats import Chat
from tests.support.accounts import make_unknown
from tests.support.sweep import pause_sweep
from tests.support.talks import Talks, talks_of


@pytest.fixture(scope="module")
async def resources(resources: Resources) -> AsyncIterator[Resources]:
    async with pause_sweep(resources):
        yield resources


@pytest.fixture
async def talks(resources: Resources) -> Talks:
    return talks_of(resources, (await make_unknown(resources)).user["_id"])


@pytest.fixture
async def chat(talks: Talks) -> Chat:
    """One that has just begun."""
    return await talks.begin_chat()
