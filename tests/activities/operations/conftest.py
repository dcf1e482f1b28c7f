"""A database of the test's own, where no worker drains or sweeps."""

import secrets
from collections.abc import AsyncIterator

import pytest

from adapters.mongo.client import Database
from adapters.mongo.schema import ensure_indexes
from adapters.resources import Resources


@pytest.fixture
async def database(resources: Resources) -> AsyncIterator[Database]:
    """Empty, with its indexes."""
    own = resources.clients.mongo[f"operations_{secrets.token_hex(4)}"]
    await ensure_indexes(own)
    yield own
    await resources.clients.mongo.drop_database(own.name)
