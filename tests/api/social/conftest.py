"""The users of a test about relationships, each with an account and a node."""

import pytest

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.people import SignedIn


@pytest.fixture
async def me(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture
async def owner(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture
async def other(resources: Resources) -> SignedIn:
    return await make_account(resources)
