"""Runs activities as a worker does, on the real stores. The stack's own worker carries out no intent meanwhile."""

import pytest
from temporalio.testing import ActivityEnvironment

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.people import SignedIn


@pytest.fixture(autouse=True)
def worker_at_rest(sweep_paused: None) -> None:
    """In every module."""


@pytest.fixture
def environment() -> ActivityEnvironment:
    return ActivityEnvironment()


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """A user with an account."""
    return await make_account(resources)
