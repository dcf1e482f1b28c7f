"""An occurrence is written with the change that it tells of, or not at all."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from adapters import causes
from adapters.mongo.client import Document
from adapters.mongo.transactions import in_transaction
from adapters.resources import Resources
from domain.journal.occurrences import Occurrence, OccurrenceType, user_party

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


@pytest.fixture
def occurrence(resources: Resources) -> Occurrence:
    someone = user_party(resources.hashes.new_object_id())
    return Occurrence(resources.hashes.new_object_id(), OccurrenceType.USER_UPDATED, AT, someone, someone)


async def find(resources: Resources, occurrence: Occurrence) -> Document | None:
    """Return the occurrence wherever it is: it may have its number by now."""
    key = {"_id": ObjectId(occurrence.occurrence_id)}
    waiting = await resources.clients.database["occurrences"].find_one(key)
    return waiting or await resources.clients.database["journal"].find_one(key)


class GivenUp(Exception):
    """The transaction is not to commit."""


async def test_occurrence_of_a_transaction_that_is_given_up_is_not_written(
    resources: Resources, occurrence: Occurrence
) -> None:
    async def work(tx: object) -> None:
        await resources.journal.occurrences.record_new(occurrence, tx)  # type: ignore[arg-type]
        raise GivenUp

    with pytest.raises(GivenUp):
        await in_transaction(resources.clients.mongo, work)

    assert await find(resources, occurrence) is None


async def test_request_and_key_that_led_to_it_are_named(resources: Resources, occurrence: Occurrence) -> None:
    causes.request_id.set("a-request")
    causes.key_id.set("a-key")

    await resources.journal.occurrences.record(occurrence)

    found = await find(resources, occurrence)
    assert found is not None
    assert (found["request_id"], found["actor"]["key_id"]) == ("a-request", "a-key")
