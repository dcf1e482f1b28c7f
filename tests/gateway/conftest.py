"""Fixtures for sockets: accounts, the URL of the stack's API, and of a second API in this process."""

from collections.abc import AsyncIterator

import pytest

from adapters.resources import Resources
from config.settings import Settings
from devstack.stack import Stack
from tests.gateway.serving import serving
from tests.support.accounts import make_account
from tests.support.people import SignedIn


@pytest.fixture
def url(stack: Stack) -> str:
    """URL of the stack's API."""
    return stack.url("api")


@pytest.fixture
async def other_url(settings: Settings) -> AsyncIterator[str]:
    """URL of a second API in this process, on the same servers."""
    async with serving(settings) as url:
        yield url


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """A new account, signed in on a trusted device."""
    return await make_account(resources)


@pytest.fixture
async def other(resources: Resources) -> SignedIn:
    """A second account."""
    return await make_account(resources)
