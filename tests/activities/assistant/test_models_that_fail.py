"""What is done about a model that fails: waited for, shown less, left to another, which may have to begin anew."""

import asyncio
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from activities.assistant import speech
from adapters.mongo.client import Document
from config.logging import JsonLines
from domain.assistant.language_models import (
    MAX_RETRY_AFTER,
    AnswerEnd,
    Asked,
    ModelBusy,
    ModelFailed,
    ModelUnusable,
    PromptTooLong,
    QuestionRefused,
)
from domain.assistant.model_usage import ModelCall
from domain.assistant.turn_ends import ENDS, STOPPED, UNAVAILABLE, FinishReason, RoundEnd, TurnEnd
from domain.assistant.turns import Part, PartKind, Usage
from tests.activities.assistant.saying import Saying
from tests.support.scripted_model import END, SCRIPTED, ScriptedModel

DROPPED = Part(PartKind.TEXT, is_whole=True, is_dropped=True)


async def test_model_that_cannot_continue_begins_anew_in_the_next_part(saying: Saying) -> None:
    saying.model.says("Good ", ModelFailed())
    await saying.start()
    other = ScriptedModel(replace(SCRIPTED, name="other", continues=False))
    other.says("Hello", END)

    assert await saying.by(other).start() is RoundEnd.DONE

    turn = await saying.talks.turn(saying.turn.turn_id)
    assert list(turn.parts) == [DROPPED, Part(PartKind.TEXT, "Hello", is_whole=True)]
    assert (turn.answer, other.asked[0].begun) == ("Hello", "")
    assert await saying.texts.read(saying.place) == ""


async def test_model_that_has_no_room_is_shown_the_newer_half_once(saying: Saying) -> None:
    saying.model.says(PromptTooLong(), "Good", END)

    assert await saying.start() is RoundEnd.DONE
    assert len(saying.model.asked) == 2


async def test_model_that_has_no_room_for_half_of_it_is_left(saying: Saying) -> None:
    saying.model.says(PromptTooLong(), PromptTooLong())

    assert await saying.start() is RoundEnd.TOO_LONG


@pytest.mark.parametrize(
    ("failure", "last_error"),
    [pytest.param(ModelUnusable("401"), "401", id="none"), pytest.param(QuestionRefused("400"), None, id="no-such")],
)
async def test_model_that_takes_no_question_is_left_at_once_and_judged_by_it_if_it_takes_none(
    saying: Saying, failure: ModelUnusable, last_error: str | None
) -> None:
    name = f"model-{secrets.token_hex(6)}"
    saying.model.facts = replace(SCRIPTED, name=name)
    saying.model.says(failure)

    assert await saying.start() is RoundEnd.UNUSABLE
    health = await saying.talks.resources.assistant.model_health.read([name])
    assert health[name].last_error == last_error


async def test_model_is_waited_for_as_long_as_it_asks_unless_the_turn_is_to_stop(saying: Saying) -> None:
    saying.model.says(ModelFailed("429", MAX_RETRY_AFTER))
    waiting = saying.start(is_asked_again=True)
    await saying.wait_left()

    await saying.stop()

    assert await waiting is RoundEnd.STOPPED


@pytest.mark.parametrize(
    ("wanted", "is_asked_again"),
    [
        pytest.param(MAX_RETRY_AFTER, False, id="another-is-next"),
        pytest.param(MAX_RETRY_AFTER + timedelta(seconds=1), True, id="too-long"),
    ],
)
async def test_model_is_not_waited_for_in_vain(saying: Saying, wanted: timedelta, is_asked_again: bool) -> None:
    saying.model.says(ModelFailed("429", wanted))

    assert await saying.start(is_asked_again=is_asked_again) is RoundEnd.UNAVAILABLE


async def test_bug_in_a_wire_is_a_failure_of_its_model_and_is_logged_without_words(
    saying: Saying, caplog: pytest.LogCaptureFixture
) -> None:
    name = f"model-{secrets.token_hex(6)}"
    saying.model.facts = replace(SCRIPTED, name=name)
    saying.model.says("Good ", KeyError("secret words"))

    assert await saying.start() is RoundEnd.UNAVAILABLE
    health = await saying.talks.resources.assistant.model_health.read([name])
    lines = [JsonLines("worker", lambda: None).format(record) for record in caplog.records]
    assert (health[name].last_error, await saying.answer()) == ("garbage", "Good ")
    assert any("KeyError" in line and "scripted_model.py" in line for line in lines)
    assert not any("secret words" in line for line in lines)


async def test_model_that_is_busy_with_others_of_ours_is_left_without_a_charge_or_a_failure(saying: Saying) -> None:
    name = f"model-{secrets.token_hex(6)}"
    saying.model.facts = replace(SCRIPTED, name=name)
    saying.model.says(ModelBusy("busy", is_unread=True))

    assert await saying.start(is_asked_again=True) is RoundEnd.BUSY
    health = await saying.talks.resources.assistant.model_health.read([name])
    (call,) = await recorded(saying)
    assert (health[name].last_error, call["prompt_tokens"], call["ending"]) == (None, 0, RoundEnd.BUSY)


@pytest.mark.parametrize("timeout", ["FIRST_BYTE_TIMEOUT", "CALL_TIMEOUT"])
async def test_wait_for_a_slot_is_not_the_silence_of_the_model(
    saying: Saying, monkeypatch: pytest.MonkeyPatch, timeout: str
) -> None:
    monkeypatch.setattr(speech, timeout, timedelta(seconds=1))
    under_way = saying.start()
    await saying.wait_asked()
    call_later = asyncio.get_running_loop().call_later
    call_later(0.6, saying.model.says, Asked())
    call_later(1.2, saying.model.says, "Good", END)

    assert await under_way is RoundEnd.DONE


async def test_model_that_was_taken_out_of_the_configuration_is_left(saying: Saying) -> None:
    assert await saying.start(model="gone") is RoundEnd.UNUSABLE


async def test_each_call_is_on_record_with_what_it_cost_also_one_that_failed(saying: Saying) -> None:
    saying.model.facts = replace(SCRIPTED, price_in=2.0, price_out=10.0)
    saying.model.says(
        "Good ", ModelFailed("500"), "morning", AnswerEnd(FinishReason.STOP, Usage(30, 4, cached_tokens=6))
    )
    for _ in range(2):
        await saying.start()

    failed, done = await recorded(saying)

    assert failed["is_estimated"]
    assert failed["prompt_tokens"] > 0
    assert (failed["completion_tokens"], failed["ending"]) == (2, RoundEnd.UNAVAILABLE)
    numbers = [done[field] for field in ("prompt_tokens", "completion_tokens", "cached_tokens", "cost_micro", "ending")]
    assert numbers == [30, 4, 6, 100, RoundEnd.DONE]
    assert 0 <= done["first_text_ms"] <= done["total_ms"]


async def test_call_that_no_model_has_read_costs_nothing(saying: Saying) -> None:
    saying.model.says(ModelFailed("ConnectError", is_unread=True))

    await saying.start()

    (call,) = await recorded(saying)
    assert (call["prompt_tokens"], call["completion_tokens"], call["ending"]) == (0, 0, RoundEnd.UNAVAILABLE)


async def test_model_that_lies_about_its_tokens_is_not_believed(saying: Saying) -> None:
    saying.model.says("Good", AnswerEnd(FinishReason.STOP, Usage(10**9, 10**9)))

    await saying.start()

    (call,) = await recorded(saying)
    assert call["is_estimated"]
    assert call["prompt_tokens"] < SCRIPTED.context_tokens


@pytest.mark.parametrize("end", [UNAVAILABLE, STOPPED, ENDS[RoundEnd.DONE]], ids=["failed", "stopped", "answered"])
async def test_turn_says_what_all_its_calls_have_cost_also_those_that_failed(saying: Saying, end: TurnEnd) -> None:
    saying.model.says("Good ", ModelFailed("500"), "morning", AnswerEnd(FinishReason.STOP, Usage(30, 4)))
    for _ in range(2):
        await saying.start()

    await saying.finish(end)

    usage, calls = (await saying.talks.turn(saying.turn.turn_id)).usage, await recorded(saying)
    assert (usage.prompt_tokens, usage.is_estimated) == (sum(call["prompt_tokens"] for call in calls), True)
    assert usage.completion_tokens == 6


async def test_call_of_a_worker_that_died_has_cost_what_was_asked(saying: Saying) -> None:
    saying.model.says("Good")
    killed = saying.start()
    await saying.wait_said("Good")

    await saying.kill(killed)

    (call,) = await recorded(saying)
    assert (call["ending"], call["is_estimated"]) == (None, True)
    assert call["prompt_tokens"] > 0


async def test_room_for_a_chat_follows_what_its_model_counts(saying: Saying) -> None:
    saying.model.says("Good", AnswerEnd(FinishReason.STOP, Usage(400, 1)))

    await saying.start()

    ratio = (await saying.talks.chat(saying.turn.chat_id)).bytes_per_token
    assert ratio == saying.model.asked[0].size / 400


async def test_nothing_more_is_asked_once_the_user_has_no_tokens_left_and_what_was_said_stays(saying: Saying) -> None:
    saying.model.says("Good ", ModelFailed())
    await saying.start()
    resources, usage = saying.talks.resources, Usage(150_000, 50_000)
    user_id, turn_id = saying.talks.user_id, resources.hashes.new_object_id()
    spent = ModelCall(user_id, turn_id, 1, 0, 1, "mock", datetime.now(UTC), usage, cost_micro=None)
    await resources.assistant.model_usage.record(spent)

    assert await saying.start() is RoundEnd.BUDGET_SPENT
    assert (len(saying.model.asked), await saying.answer()) == (1, "Good ")


async def recorded(saying: Saying) -> list[Document]:
    """The calls of the turn, oldest first."""
    calls = saying.talks.resources.clients.database["model_usage"]
    return await calls.find({"turn_id": ObjectId(saying.turn.turn_id)}).sort("writer").to_list()
