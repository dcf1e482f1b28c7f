"""No word of a chat is in the documents, and a sealed one opens at its own place alone."""

import pytest
from bson import ObjectId

from adapters.crypto.field_cipher import DecryptionFailed, FieldCipher
from adapters.crypto.keys import KeyLabel
from adapters.mongo.assistant.sealed_words import SEALED, SealedWords
from domain.assistant.chats import Chat, ChatChange
from domain.assistant.turn_ends import RoundEnd
from domain.assistant.turns import Usage
from tests.support.keys import RING
from tests.support.talks import Talks

CIPHER = FieldCipher(RING, KeyLabel.WORDS)
WORDS = SealedWords(CIPHER, "turns")
FIRST, SECOND = str(ObjectId()), str(ObjectId())


def test_text_opens_in_its_document_and_field() -> None:
    sealed = WORDS.seal(FIRST, "text", "Tea ☕")

    assert WORDS.open(FIRST, "text", sealed) == "Tea ☕"
    assert sealed.keys() == SEALED
    assert b"Tea" not in sealed["data"]


@pytest.mark.parametrize(
    ("words", "document_id", "field"),
    [
        pytest.param(WORDS, SECOND, "text", id="other-document"),
        pytest.param(WORDS, FIRST, "parts.0.text", id="other-field"),
        pytest.param(SealedWords(CIPHER, "chats"), FIRST, "text", id="other-collection"),
    ],
)
def test_text_opens_nowhere_else(words: SealedWords, document_id: str, field: str) -> None:
    with pytest.raises(DecryptionFailed):
        words.open(document_id, field, WORDS.seal(FIRST, "text", "Tea"))


def test_all_texts_of_a_document_are_opened_wherever_they_are() -> None:
    parts = [{"kind": "text", "text": WORDS.seal(FIRST, f"parts.{number}.text", f"part {number}")} for number in (0, 1)]
    document = {"_id": ObjectId(FIRST), "text": WORDS.seal(FIRST, "text", "Tea?"), "parts": parts, "usage": None}

    assert WORDS.open_all(document) == {
        "_id": ObjectId(FIRST),
        "text": "Tea?",
        "parts": [{"kind": "text", "text": "part 0"}, {"kind": "text", "text": "part 1"}],
        "usage": None,
    }


async def test_no_word_of_a_chat_is_in_its_documents(talks: Talks) -> None:
    chat = await talks.begin_chat(metadata={"secretkey": "secretvalue"})
    await talks.resources.assistant.chats.change(
        talks.user_id, chat.chat_id, ChatChange(title="secrettitle"), talks.now
    )
    await talks.send(chat.chat_id, "secretquestion")
    turn = await talks.begin(chat.chat_id)
    answer = await talks.draft(turn, "secretanswer")
    await talks.resources.assistant.answers.end_round(answer, RoundEnd.DONE, Usage())

    stored, (spoken,) = await talks.documents(chat.chat_id)

    assert "secret" not in repr(stored)
    assert "secret" not in repr(spoken)
    assert (await talks.turn(turn.turn_id)).answer == "secretanswer"


async def test_answer_that_was_moved_to_another_turn_does_not_open(talks: Talks, chat: Chat) -> None:
    first, second = [await talks.send(chat.chat_id, text) for text in ("one", "two")]
    _, (moved, _) = await talks.documents(chat.chat_id)
    turns = talks.resources.clients.database["turns"]

    await turns.update_one({"_id": ObjectId(second.turn_id)}, {"$set": {"text": moved["text"]}})

    assert [(await talks.turn(each.turn_id)).text for each in (first, second)] == ["one", ""]
