"""Apps of the stack's API."""

from collections.abc import AsyncIterator

import pytest

from adapters.resources import Resources
from devstack.stack import Stack
from tests.journeys.steps import Apps, apps_at


@pytest.fixture
async def apps(stack: Stack, resources: Resources) -> AsyncIterator[Apps]:
    async with apps_at(stack.url("api"), resources) as apps:
        yield apps
