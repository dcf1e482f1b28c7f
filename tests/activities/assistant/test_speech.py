"""What is said while a store is away, and how it is announced."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from pymongo.errors import AutoReconnect

from activities.assistant import speech
from adapters.mongo.assistant.answers import AnswerStore
from adapters.redis.client import open_redis
from adapters.redis.turn_texts import ChatEvent, TextGrown, TurnTexts, chat_channel, parse_change
from domain.assistant.conversation import Prompt
from domain.assistant.language_models import MOCK, Spoken, TextPiece
from domain.assistant.turn_ends import RoundEnd
from domain.assistant.writing import Draft
from tests.activities.assistant.saying import Saying
from tests.support.polling import eventually
from tests.support.scripted_model import END

NOTHING_LISTENS = "redis://127.0.0.1:1/0"
SECONDS = 10.0


@pytest.fixture
async def lonely() -> AsyncIterator[TurnTexts]:
    """Without a Redis."""
    redis = open_redis(NOTHING_LISTENS)
    yield TurnTexts(redis)
    await redis.aclose()


@pytest.fixture
def saved_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SAVE_INTERVAL", "SAVE_INTERVAL_ALONE"):
        monkeypatch.setattr(speech, name, timedelta(0))


@pytest.mark.usefixtures("saved_at_once")
async def test_without_redis_text_is_in_mongo_while_it_is_said(saying: Saying, lonely: TurnTexts) -> None:
    saying.texts = lonely
    under_way = saying.start()
    saying.model.says("Good ")
    await saying.wait_saved("Good ")

    saying.model.says("morning", END)

    assert await under_way is RoundEnd.DONE
    assert await saying.answer() == "Good morning"


@pytest.mark.usefixtures("saved_at_once")
async def test_stream_goes_on_while_mongo_is_away_and_is_stored_afterwards(
    saying: Saying, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()

    async def fail(_store: AnswerStore, _draft: Draft) -> bool:
        tried.set()
        raise AutoReconnect

    with monkeypatch.context() as outage:
        outage.setattr(AnswerStore, "save", fail)
        under_way = saying.start()
        saying.model.says("Good ")
        await asyncio.wait_for(tried.wait(), SECONDS)
        saying.model.says("morning")
        await saying.wait_said("Good morning")
        assert await saying.answer() == ""
    saying.model.says(END)

    assert await under_way is RoundEnd.DONE
    assert await saying.answer() == "Good morning"


async def test_pieces_are_announced_merged_and_the_end_last(saying: Saying) -> None:
    async with saying.talks.resources.clients.redis.pubsub() as channel:
        await channel.subscribe(chat_channel(saying.turn.chat_id))
        await channel.get_message(timeout=SECONDS)
        saying.model.says(*map(str, range(10)), END)
        await saying.start()
        changes = list[ChatEvent]()
        while len(changes) < 2 or isinstance(changes[-1], TextGrown):
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=SECONDS)
            assert message
            changes.append(parse_change(message["channel"], message["data"]))

    lengths = [change.length for change in changes if isinstance(change, TextGrown)]
    assert lengths == sorted(set(lengths))
    assert lengths[-1] == 10
    assert len(lengths) < 10


@dataclass
class _Breathless:
    """Has its next word ready before the last was taken, until it `is_heard`."""

    facts = MOCK
    is_heard = False

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Spoken, None]:
        while not self.is_heard:
            yield TextPiece("word ")
        yield END


async def test_text_of_a_model_that_never_pauses_is_told_while_it_speaks(saying: Saying) -> None:
    model = _Breathless()
    under_way = saying.start(model)

    async def is_said() -> bool:
        return bool(await saying.texts.read(saying.place))

    await eventually(is_said)
    model.is_heard = True

    assert await under_way is RoundEnd.DONE
