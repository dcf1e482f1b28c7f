"""Apps of the stack's API."""

from collections.abc import AsyncIterator

import pytest

from devstack.stack import Stack
from tests.journeys.steps import Apps, apps_of


@pytest.fixture
async def apps(stack: Stack) -> AsyncIterator[Apps]:
    async with apps_of(stack) as apps:
        yield apps
