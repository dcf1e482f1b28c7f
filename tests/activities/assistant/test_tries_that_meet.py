"""Tries at one answer that follow or meet each other: a worker died in the middle, or only seemed dead."""

import asyncio
from datetime import UTC, datetime

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.assistant.model_calls import ModelCallActivities, Say
from adapters.ai.mock import MockModel
from adapters.resources import Resources
from domain.assistant.chats import NewChat
from domain.assistant.turn_ends import RoundEnd
from domain.assistant.turns import NewTurn, Turn, TurnMode
from domain.assistant.writing import TextAppend, TextPlace
from tests.support.language_models import with_models
from tests.support.people import SignedIn
from tests.support.polling import eventually
from workers.areas.assistant import model_call_activities

MODEL = MockModel(first_ms=0, word_ms=20)


@pytest.fixture
def say(resources: Resources) -> ModelCallActivities:
    return model_call_activities(with_models(resources, MODEL))


@pytest.fixture
async def turn(resources: Resources, someone: SignedIn) -> Turn:
    """A message that is being answered, by no worker."""
    stores, new_id = resources.assistant, resources.hashes.new_object_id
    chat_id, user_id, now = new_id(), str(someone.user["_id"]), datetime.now(UTC)
    await stores.chats.create(NewChat(chat_id, user_id, body_hash="", at=now))
    await stores.messages.accept(NewTurn(new_id(), chat_id, user_id, "count 40", TurnMode.QUEUE, "", now))
    begun = await stores.answers.begin(chat_id, now)
    assert begun
    return begun


async def test_try_that_another_has_overtaken_is_repeated(
    environment: ActivityEnvironment, resources: Resources, say: ModelCallActivities, turn: Turn
) -> None:
    """Its end must not be taken for the turn's: Temporal may wait for this one, and not for the other."""
    command = Say(turn.turn_id, turn.attempt, round=0, model=MODEL.facts.name)
    older = asyncio.create_task(environment.run(say.say, command))
    await eventually(lambda: resources.assistant.texts.read(TextPlace(turn.chat_id, turn.turn_id, turn.attempt, 0)))
    newer = asyncio.create_task(environment.run(say.say, command))

    with pytest.raises(ApplicationError) as overtaken:
        await older

    assert await newer is RoundEnd.DONE
    assert not overtaken.value.non_retryable
    (stored,) = await resources.assistant.turns.find_many([turn.turn_id])
    assert stored.answer == " ".join(map(str, range(1, 41)))
    assert await environment.run(say.say, command) is RoundEnd.DONE


async def test_text_of_a_worker_that_died_is_kept_by_a_stop(
    environment: ActivityEnvironment, resources: Resources, say: ModelCallActivities, turn: Turn
) -> None:
    place = TextPlace(turn.chat_id, turn.turn_id, turn.attempt, 0)
    await resources.assistant.texts.append(TextAppend(place, writer=1, offset=0, text="1 2"))
    await resources.assistant.messages.stop(turn.user_id, turn.turn_id, datetime.now(UTC))
    command = Say(turn.turn_id, turn.attempt, round=0, model=MODEL.facts.name)

    assert await environment.run(say.say, command) is RoundEnd.STOPPED
    (stored,) = await resources.assistant.turns.find_many([turn.turn_id])
    assert stored.answer == "1 2"
