"""Asks a model for the next of an answer, and writes down what it says."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.assistant.speech import Speech, take_up
from domain.assistant.conversation import Prompt, conversation, fit, turn_steps
from domain.assistant.language_models import LanguageModel, ModelFailed, ModelRefused
from domain.assistant.turns import RoundEnd, Turn
from domain.assistant.writing import NewerWriter, TextPlace

if TYPE_CHECKING:
    from adapters.mongo.assistant.answers import AnswerStore, WriterTurn
    from adapters.mongo.assistant.turn_calls import TurnCallStore
    from adapters.redis.turn_texts import TurnTexts


@dataclass(frozen=True)
class Say:
    """One call of a model. `round`: which call of the turn, from 0."""

    turn_id: str
    attempt: int
    round: int
    model: str


class ModelCallActivities:
    """Activities of the Turns workflow that ask models. No word of theirs goes into a history."""

    def __init__(
        self,
        answers: "AnswerStore",
        calls: "TurnCallStore",
        texts: "TurnTexts",
        models: Sequence[LanguageModel],
    ) -> None:
        self._answers = answers
        self._calls = calls
        self._texts = texts
        self._models: Mapping[str, LanguageModel] = {model.facts.name: model for model in models}

    @activity.defn(name="turns.say")
    async def say(self, command: Say) -> RoundEnd:
        """Have the model say what comes next, and return how that ended. What an earlier try has written down is
        continued, or kept if the turn is to stop; a round that has ended is not asked again.

        Raises ApplicationError, which is worth another try, when another has begun or the turn was closed meanwhile.
        """
        taken = await self._answers.take(command.turn_id, command.attempt, command.model)
        if taken is None:
            return RoundEnd.STOPPED
        if command.round < len(taken.rounds):
            return RoundEnd(taken.rounds[command.round])
        try:
            return await _end_without_temporal(self._say(taken, self._models[command.model]))
        except NewerWriter:
            await self._drop_if_erased(taken.turn)
            # The other may be a try that Temporal no longer waits for. If it waits for this one, the next takes over.
            raise ApplicationError("overtaken", type=NewerWriter.__name__) from None

    async def _drop_if_erased(self, turn: Turn) -> None:
        """Drop the words in Redis of a turn that was erased while it was being answered."""
        if await self._answers.find(turn.turn_id) is None:
            await self._texts.drop(TextPlace(turn.chat_id, turn.turn_id, turn.attempt, turn.open_part))

    async def _say(self, taken: "WriterTurn", model: LanguageModel) -> RoundEnd:
        draft, turn = await take_up(taken, self._texts), taken.turn
        speech = Speech(self._answers, self._texts, draft, model.facts)
        if await self._answers.is_to_stop(turn, datetime.now(UTC)):
            return await speech.leave(RoundEnd.STOPPED)
        await self._texts.publish_changed(turn.chat_id, turn.turn_id)
        messages = conversation(await self._answers.list_earlier(turn), turn)
        steps = turn_steps(turn, await self._calls.find_many(turn.user_id, turn.call_ids))
        prompt = Prompt(fit(messages, model.facts.max_prompt_bytes), steps, draft.text)
        try:
            end = await speech.write(model.answer(prompt))
        except ModelRefused:
            return await speech.leave(RoundEnd.REFUSED)
        except ModelFailed:
            return await speech.leave(RoundEnd.UNAVAILABLE)
        if end is None:
            return await speech.leave(RoundEnd.STOPPED)
        asked = await self._calls.ask(draft, speech.calls, datetime.now(UTC))
        return await speech.finish(end, asked)


async def _end_without_temporal(saying: Coroutine[Any, Any, RoundEnd]) -> RoundEnd:
    """Await the end of a round, also when this try is cancelled for having timed out.

    The SDK does that when Temporal takes no heartbeats. No other try begins before Temporal is back, so the user would
    wait for nothing. The next one finds the end that is stored, or refuses what this one adds.
    """
    running = asyncio.create_task(saying)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        details = activity.cancellation_details()
        if details is None or not details.timed_out:
            running.cancel()
        return await running
