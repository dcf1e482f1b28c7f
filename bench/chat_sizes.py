"""What comes before a model is asked, while a chat grows from ten messages to ten thousand."""

import statistics
import time
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bson import ObjectId

from activities.assistant.model_calls import Say
from activities.assistant.turns import FinishTurn
from adapters.crypto.field_cipher import FieldCipher
from adapters.crypto.keys import KeyLabel, KeyRing
from adapters.mongo.assistant.sealed_words import SealedWords
from adapters.mongo.assistant.turn_documents import new_turn_document, part_document, usage_document
from adapters.mongo.client import Document
from bench.bench import Bench
from bench.figure import Figure, Limit, at_most_times, grouped
from bench.seeded_sessions import seed_sessions
from config.keys import decode_key, split_ring
from config.settings import load_settings
from domain.assistant.conversation import Prompt
from domain.assistant.language_models import MOCK, AnswerEnd, Spoken
from domain.assistant.turn_ends import STOPPED, FinishReason, RoundEnd, TurnState
from domain.assistant.turns import Part, PartKind, Turn, Usage
from tests.support.language_models import with_models
from tests.support.talks import Talks, talks_of
from workers.areas.assistant import model_call_activities, turn_activities

SIZES = (10, 100, 10_000)
"""Messages of a chat. A model is shown the last hundred."""
TEXT = "some words as people say them in a chat, neither few nor many, so that a page of them fits on a screen"


async def measure(bench: Bench) -> Sequence[Figure]:
    """Begin turns in chats of each size, in this process: from the begin until the model is asked."""
    (user_id,) = await seed_sessions(bench.resources, 1)
    talks = talks_of(bench.resources, user_id)
    chats = [await _begin_chat(talks, size) for size in SIZES]
    turns = [await talks_of(bench.resources, user_id).send(chat_id, TEXT) for chat_id in chats]
    rounds = [[await _begin(bench, turn) for turn in turns] for _ in range(bench.rounds(60, 15))]
    smallest, *larger = map(statistics.median, zip(*rounds, strict=True))
    return [_figure(size, ms, smallest) for size, ms in zip(SIZES[1:], larger, strict=True)]


def _figure(size: int, ms: float, at_smallest: float) -> Figure:
    return Figure(
        what=f"turn begun until its model is asked, {grouped(size)} stored messages, p50",
        ours=ms,
        unit="ms",
        limit=Limit(f"the same, {SIZES[0]} stored messages", at_smallest),
        want=at_most_times(1.5),
        because="the newest fifty turns are found by an index, whatever is before them, and opened.",
    )


@dataclass
class _SilentModel:
    """Says nothing. `asked_at`: when it was asked last."""

    facts = MOCK
    asked_at = 0.0

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Spoken, None]:
        self.asked_at = time.perf_counter()
        yield AnswerEnd(FinishReason.STOP, Usage())


async def _begin(bench: Bench, turn: Turn) -> float:
    """Return the milliseconds. It is the same turn each time, so that the chat does not grow."""
    stores, model = bench.resources.assistant, _SilentModel()
    turns = turn_activities(bench.resources)
    models = model_call_activities(with_models(bench.resources, model))
    await stores.messages.retry(turn.user_id, turn.turn_id, datetime.now(UTC))
    began = time.perf_counter()
    plan = await turns.begin(turn.chat_id)
    assert plan
    await models.say(Say(turn.turn_id, plan.attempt, 0, MOCK.name))
    await turns.finish(FinishTurn(turn.turn_id, plan.attempt, STOPPED))
    return (model.asked_at - began) * 1000


async def _begin_chat(talks: Talks, size: int) -> str:
    """Store a chat with so many messages, all at once: the stores take them one by one. Returns its id."""
    chat_id = (await talks.begin_chat()).chat_id
    settings, database = load_settings(), talks.resources.clients.database
    ring = KeyRing(split_ring(settings.root_keys), decode_key(settings.lookup_secret.get_secret_value()))
    words = SealedWords(FieldCipher(ring, KeyLabel.WORDS), "turns")
    documents = [_answered(talks, chat_id, number, words) for number in range(1, size // 2 + 1)]
    await database["turns"].insert_many(documents)
    await database["chats"].update_one({"_id": ObjectId(chat_id)}, {"$set": {"turns": len(documents)}})
    return chat_id


def _answered(talks: Talks, chat_id: str, number: int, words: SealedWords) -> Document:
    new = talks.message(chat_id, TEXT)
    answer = part_document(new.turn_id, 0, Part(PartKind.TEXT, TEXT, is_whole=True), words)
    asked = new_turn_document(new, {"turns": number, "model": None}, words)
    del asked["open_since"]
    return asked | {
        **{"state": TurnState.COMPLETED, "parts": [answer], "rounds": [RoundEnd.DONE], "model": MOCK.name},
        **{"finish_reason": FinishReason.STOP, "usage": usage_document(Usage(20, 20)), "ended_at": new.asked_at},
    }
