"""Turns are begun in order and closed once; what clients have seen stays, whoever died."""

from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.assistant import speech
from activities.assistant.turns import TurnActivities, TurnPlan
from adapters.resources import Resources
from domain.assistant.language_models import MOCK
from domain.assistant.turn_ends import ENDS, STOPPED, TIMED_OUT, UNAVAILABLE, RoundEnd, TurnEnd, TurnState
from tests.activities.assistant.saying import Saying
from tests.support.language_models import with_models
from tests.support.scripted_model import ScriptedModel
from tests.support.talks import Talks
from workers.areas.assistant import turn_activities

DONE = ENDS[RoundEnd.DONE]


@pytest.fixture
def activities(resources: Resources) -> TurnActivities:
    return turn_activities(resources)


async def test_plan_names_the_oldest_turn_and_the_models(
    environment: ActivityEnvironment, activities: TurnActivities, talks: Talks
) -> None:
    chat = await talks.begin_chat()
    first, _ = [await talks.send(chat.chat_id) for _ in range(2)]

    plans = [await environment.run(activities.begin, chat.chat_id) for _ in range(2)]

    assert plans == [TurnPlan(first.turn_id, chat.chat_id, 1, ["mock"])] * 2


@pytest.mark.parametrize(("named", "asked"), [("other", ["other"]), ("retired", [])], ids=["known", "no longer known"])
async def test_model_that_the_chat_names_is_asked_and_no_other(
    environment: ActivityEnvironment,
    talks: Talks,
    named: str,
    asked: list[str],
) -> None:
    others = [ScriptedModel(replace(MOCK, name=name)) for name in ("mock", "other")]
    activities = turn_activities(with_models(talks.resources, *others))
    chat = await talks.begin_chat(model=named)
    await talks.send(chat.chat_id)

    plan = await environment.run(activities.begin, chat.chat_id)

    assert plan is not None
    assert plan.models == asked


async def test_chat_without_an_open_turn_has_no_plan(
    environment: ActivityEnvironment, activities: TurnActivities, talks: Talks
) -> None:
    chat = await talks.begin_chat()
    await talks.finish(await talks.send(chat.chat_id), DONE)

    assert await environment.run(activities.begin, chat.chat_id) is None
    assert await environment.run(activities.begin, "0" * 24) is None


async def test_turns_of_a_user_who_has_left_are_stopped(
    environment: ActivityEnvironment, activities: TurnActivities, talks: Talks
) -> None:
    chat = await talks.begin_chat()
    turns = [await talks.send(chat.chat_id) for _ in range(3)]
    left = {"$set": {"is_active": False}}
    await talks.resources.clients.database["users"].update_one({"_id": ObjectId(talks.user_id)}, left)

    assert await environment.run(activities.begin, chat.chat_id) is None

    assert [(await talks.turn(each.turn_id)).state for each in turns] == [TurnState.STOPPED] * 3


async def test_turn_is_closed_by_the_first_end_alone(saying: Saying) -> None:
    for end in (DONE, UNAVAILABLE, DONE):
        await saying.finish(end)

    assert (await saying.talks.turn(saying.turn.turn_id)).state is TurnState.COMPLETED
    assert (await saying.talks.chat(saying.turn.chat_id)).open_turns == 0


@pytest.mark.parametrize(
    ("end", "state"),
    [
        pytest.param(STOPPED, TurnState.STOPPED, id="stopped"),
        pytest.param(TIMED_OUT, TurnState.COMPLETED, id="timed-out"),
        pytest.param(UNAVAILABLE, TurnState.FAILED, id="unavailable"),
    ],
)
async def test_last_words_of_a_killed_worker_stay_where_no_other_speaks(
    saying: Saying, monkeypatch: pytest.MonkeyPatch, end: TurnEnd, state: TurnState
) -> None:
    monkeypatch.setattr(speech, "SAVE_INTERVAL", timedelta(hours=1))
    killed = saying.start()
    saying.model.says("Good ☀")
    await saying.wait_said("Good ☀")
    await saying.kill(killed)

    await saying.finish(end)

    assert (await saying.answer(), (await saying.talks.turn(saying.turn.turn_id)).state) == ("Good ☀", state)
    assert await saying.texts.read(saying.place) == ""


async def test_turn_is_to_stop_when_its_user_has_asked_for_it_or_it_is_gone(
    environment: ActivityEnvironment, activities: TurnActivities, saying: Saying
) -> None:
    before = await environment.run(activities.is_to_stop, saying.turn.turn_id)
    await saying.stop()

    assert not before
    assert await environment.run(activities.is_to_stop, saying.turn.turn_id)
    assert await environment.run(activities.is_to_stop, "0" * 24)
