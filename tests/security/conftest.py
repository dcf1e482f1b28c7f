"""Fixtures for the tests of attacks."""

import pytest

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.people import SignedIn


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """A new account, signed in on a trusted device."""
    return await make_account(resources)
