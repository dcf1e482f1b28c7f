"""Receipts: one for each request, stored with the effect or not at all, readable by its caller alone."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.crypto.field_cipher import DecryptionFailed
from adapters.mongo.idempotency import AlreadyAnswered, Receipt, StoredAnswer, insert_receipt
from adapters.mongo.transactions import in_transaction
from adapters.resources import Resources

NOW = datetime.now(UTC)


@pytest.fixture
def request_id() -> str:
    return secrets.token_hex(16)


def receipt(resources: Resources, request: str, *, answer: str = "the answer", now: datetime = NOW) -> Receipt:
    return resources.receipts.new_receipt(request, body_hash="body", answer=answer, now=now)


async def test_receipt_reads_back(resources: Resources, request_id: str) -> None:
    await resources.receipts.insert(receipt(resources, request_id))

    assert await resources.receipts.find(request_id, NOW) == StoredAnswer("body", "the answer")


async def test_second_receipt_of_a_request_is_refused(resources: Resources, request_id: str) -> None:
    await resources.receipts.insert(receipt(resources, request_id))

    with pytest.raises(AlreadyAnswered):
        await resources.receipts.insert(receipt(resources, request_id, answer="another"))
    assert await resources.receipts.find(request_id, NOW) == StoredAnswer("body", "the answer")


async def test_receipt_is_over_after_a_day_and_makes_room(resources: Resources, request_id: str) -> None:
    tomorrow = NOW + timedelta(hours=24)
    await resources.receipts.insert(receipt(resources, request_id))

    assert await resources.receipts.find(request_id, tomorrow) is None
    await resources.receipts.insert(receipt(resources, request_id, answer="another", now=tomorrow))
    assert await resources.receipts.find(request_id, tomorrow) == StoredAnswer("body", "another")


async def test_effect_of_a_request_that_was_answered_is_undone(resources: Resources, request_id: str) -> None:
    clients = resources.clients
    await resources.receipts.insert(receipt(resources, request_id))

    async def work(inner: AsyncClientSession) -> None:
        await clients.database["holds"].insert_one({"key": request_id, "until": NOW}, session=inner)
        await insert_receipt(clients.database, receipt(resources, request_id), inner)

    with pytest.raises(AlreadyAnswered):
        await in_transaction(clients.mongo, work)
    assert await clients.database["holds"].find_one({"key": request_id}) is None


async def test_receipt_opens_for_its_own_request_alone(resources: Resources, request_id: str) -> None:
    receipts = resources.clients.database["idempotency"]
    await resources.receipts.insert(receipt(resources, request_id))
    kept = await receipts.find_one({"_id": request_id})
    assert kept is not None
    other = secrets.token_hex(16)
    await receipts.insert_one(kept | {"_id": other})

    with pytest.raises(DecryptionFailed):
        await resources.receipts.find(other, NOW)
