"""Words outlive the key that they were sealed with, on a database of the test's own."""

import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from bson import ObjectId
from pymongo.asynchronous.collection import AsyncCollection

from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel
from adapters.mongo.assistant import sealed_words
from adapters.mongo.assistant.sealed_words import SealedWords, WordRotation
from adapters.mongo.client import Database, Document
from adapters.resources import Resources
from tests.adapters.crypto import rings

TEXTS = ("what was asked", "what was said", "and then")
BEFORE, ROTATED, AFTER = (FieldCipher(ring, KeyLabel.WORDS) for ring in (rings.OLD, rings.ROTATED, rings.ROTATED_AWAY))


@pytest.fixture
async def database(resources: Resources) -> AsyncIterator[Database]:
    own = resources.clients.mongo[f"rotation_{secrets.token_hex(4)}"]
    yield own
    await resources.clients.mongo.drop_database(own.name)


async def insert_turn(database: Database, *ciphers: FieldCipher) -> ObjectId:
    """Store a turn with a message and two texts of its answer, each by one of these ciphers."""
    turn_id = ObjectId()
    paths = ("text", "parts.0.text", "parts.2.text")
    text, first, second = (
        SealedWords(cipher, "turns").seal(str(turn_id), path, said)
        for cipher, path, said in zip(ciphers, paths, TEXTS, strict=True)
    )
    parts = [{"kind": "text", "text": first}, {"kind": "tool_call", "text": None}, {"kind": "text", "text": second}]
    await database["turns"].insert_one({"_id": turn_id, "text": text, "parts": parts})
    return turn_id


async def insert_chat(database: Database, title: str | None) -> ObjectId:
    chat_id = ObjectId()
    sealed = SealedWords(BEFORE, "chats").seal(str(chat_id), "title", title) if title else None
    await database["chats"].insert_one({"_id": chat_id, "title": sealed, "metadata": None})
    return chat_id


async def opened(database: Database, collection: str, document_id: ObjectId) -> Document:
    """Return a document as one reads it who has the new key alone."""
    document = await database[collection].find_one({"_id": document_id})
    assert document
    return SealedWords(AFTER, collection).open_all(document)


async def reencrypt(database: Database) -> list[int]:
    return [count async for count in WordRotation(database, ROTATED).reencrypt()]


@pytest.mark.parametrize(
    "ciphers",
    [
        pytest.param((BEFORE, BEFORE, BEFORE), id="all-old"),
        pytest.param((ROTATED, ROTATED, BEFORE), id="one-part-old"),
        pytest.param((BEFORE, ROTATED, ROTATED), id="answered-anew"),
    ],
)
async def test_words_of_a_turn_outlive_the_old_key(database: Database, ciphers: tuple[FieldCipher, ...]) -> None:
    turn_id = await insert_turn(database, *ciphers)

    assert await reencrypt(database) == [1]

    turn = await opened(database, "turns", turn_id)
    assert (turn["text"], *(part["text"] for part in turn["parts"])) == (TEXTS[0], TEXTS[1], None, TEXTS[2])


async def test_title_of_a_chat_outlives_the_old_key(database: Database) -> None:
    named, unnamed = await insert_chat(database, "tea"), await insert_chat(database, None)

    assert await reencrypt(database) == [1]

    assert (await opened(database, "chats", named))["title"] == "tea"
    assert (await opened(database, "chats", unnamed))["title"] is None


async def test_all_are_done_batch_by_batch_and_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_words, "BATCH_SIZE", 2)
    for _ in range(5):
        await insert_turn(database, BEFORE, BEFORE, BEFORE)

    assert await reencrypt(database) == [2, 2, 1]
    assert await reencrypt(database) == []


async def test_text_that_grows_meanwhile_stays_as_it_is(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    turn_id, last = await insert_turn(database, BEFORE, BEFORE, BEFORE), "parts.2.text"
    grown = SealedWords(ROTATED, "turns").seal(str(turn_id), last, "and then more")
    write = AsyncCollection.bulk_write

    async def grow_and_write(self: AsyncCollection[Document], updates: Sequence[Any], *, ordered: bool) -> object:
        await self.update_one({"_id": turn_id}, {"$set": {last: grown}})
        return await write(self, updates, ordered=ordered)

    monkeypatch.setattr(AsyncCollection, "bulk_write", grow_and_write)

    await reencrypt(database)

    turn = await opened(database, "turns", turn_id)
    assert (turn["text"], turn["parts"][2]["text"]) == (TEXTS[0], "and then more")
