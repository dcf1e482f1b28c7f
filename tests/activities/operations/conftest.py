"""A database and a journal of the test's own, where no worker drains, numbers or sweeps."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.mongo.client import Database
from adapters.mongo.schema import ensure_indexes
from adapters.resources import Resources
from domain.journal.verification import RETENTION
from tests.activities.operations.journals import CheckedJournal, anchor


@pytest.fixture
async def database(resources: Resources) -> AsyncIterator[Database]:
    """Empty, with its indexes."""
    own = resources.clients.mongo[f"operations_{secrets.token_hex(4)}"]
    await ensure_indexes(own)
    yield own
    await resources.clients.mongo.drop_database(own.name)


@pytest.fixture
async def journal(resources: Resources, tmp_path: Path) -> AsyncIterator[CheckedJournal]:
    """Eleven entries, of which the fifth and the ninth are signed and anchored, the fifth 401 days ago."""
    journal = CheckedJournal(resources.clients.mongo, tmp_path)
    await journal.add(4)
    await anchor(journal, datetime.now(UTC) - RETENTION - timedelta(days=1))
    await journal.add(4)
    await anchor(journal)
    await journal.add(2)
    yield journal
    await journal.client.drop_database(journal.database.name)
