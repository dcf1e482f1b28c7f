"""Runs activities as a worker does, on the real stores. The stack's own worker carries out no intent meanwhile."""

from collections.abc import AsyncIterator

import pytest
from temporalio.testing import ActivityEnvironment

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.people import SignedIn
from tests.support.sweep import pause_sweep


@pytest.fixture(scope="module")
async def resources(resources: Resources) -> AsyncIterator[Resources]:
    async with pause_sweep(resources):
        yield resources


@pytest.fixture
def environment() -> ActivityEnvironment:
    return ActivityEnvironment()


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """A user with an account."""
    return await make_account(resources)
