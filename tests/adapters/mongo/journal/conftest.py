"""A journal of the test's own."""

import secrets
from collections.abc import AsyncIterator

import pytest

from adapters.resources import Resources
from tests.support.journal import OwnJournal


@pytest.fixture
async def own(resources: Resources) -> AsyncIterator[OwnJournal]:
    """An empty journal in a database of the test's own."""
    own = OwnJournal(resources.clients.mongo, f"journal_{secrets.token_hex(4)}")
    await own.make_indexes()
    yield own
    await own.client.drop_database(own.database.name)
