"""Asks a model for the next of an answer, and writes down what it says."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.assistant.model_accounts import Answered, ModelAccounts
from activities.assistant.prompts import Prompts
from activities.assistant.speech import Speech, take_up
from domain.assistant.conversation import Prompt
from domain.assistant.language_models import (
    MAX_RETRY_AFTER,
    LanguageModel,
    ModelBusy,
    ModelFailed,
    ModelRefused,
    ModelUnusable,
    PromptTooLong,
    QuestionRefused,
)
from domain.assistant.turn_ends import RoundEnd
from domain.assistant.turns import Turn
from domain.assistant.writing import NewerWriter, TextPlace

if TYPE_CHECKING:
    from adapters.ai.models import LanguageModels
    from adapters.mongo.assistant.answers import AnswerStore, WriterTurn
    from adapters.mongo.assistant.model_usage import TokenBudget
    from adapters.mongo.assistant.tools.turn_calls import TurnCallStore
    from adapters.redis.turn_texts import TurnTexts

NO_DELAY = timedelta()


@dataclass(frozen=True)
class Say:
    """One call of a model. `round`: which call of the turn, from 0. `is_asked_again`: the same model is asked once more
    if it fails, so that it is worth to wait for as long as it wants.
    """

    turn_id: str
    attempt: int
    round: int
    model: str
    is_asked_again: bool = False


class ModelCallActivities:
    """Activities of the Turns workflow that ask models. No word of theirs goes into a history."""

    def __init__(
        self,
        answers: "AnswerStore",
        calls: "TurnCallStore",
        texts: "TurnTexts",
        models: "LanguageModels",
        prompts: Prompts,
        accounts: ModelAccounts,
        budget: "TokenBudget",
    ) -> None:
        self._answers = answers
        self._calls = calls
        self._texts = texts
        self._models = models
        self._prompts = prompts
        self._accounts = accounts
        self._budget = budget

    @activity.defn(name="turns.say")
    async def say(self, command: Say) -> RoundEnd:
        """Have the model say what comes next, and return how that ended. What an earlier try has written down is
        continued, or dropped where the model cannot, or kept if the turn is to stop; a round that has ended is not
        asked again.

        Raises ApplicationError, which is worth another try, when another has begun or the turn was closed meanwhile.
        """
        model = self._models.by_name.get(command.model)
        if model is None:
            # It was taken out of the configuration since the turn has begun.
            return RoundEnd.UNUSABLE
        taken = await self._answers.take(command.turn_id, command.attempt, command.model)
        if taken is None:
            return RoundEnd.STOPPED
        if command.round < len(taken.rounds):
            return RoundEnd(taken.rounds[command.round])
        try:
            return await _end_without_temporal(self._say(command, taken, model))
        except NewerWriter:
            await self._drop_if_erased(taken.turn)
            # The other may be a try that Temporal no longer waits for. If it waits for this one, the next takes over.
            raise ApplicationError("overtaken", type=NewerWriter.__name__) from None

    async def _drop_if_erased(self, turn: Turn) -> None:
        """Drop the words in Redis of a turn that was erased while it was being answered."""
        if await self._answers.find(turn.turn_id) is None:
            await self._texts.drop(TextPlace(turn.chat_id, turn.turn_id, turn.attempt, turn.open_part))

    async def _say(self, command: Say, taken: "WriterTurn", model: LanguageModel) -> RoundEnd:
        draft, turn = await take_up(taken, self._texts), taken.turn
        speech = Speech(self._answers, self._texts, draft, model.facts)
        if refusal := await self._refusal(turn):
            return await speech.leave(refusal)
        if draft.text and not model.facts.continues:
            await speech.begin_anew()
        await self._texts.publish_changed(turn.chat_id, turn.turn_id)
        fitted = await self._prompts.read(turn, speech.text, model.facts)
        account = await self._accounts.begin(taken, model.facts, fitted)
        answered = await self._ask(speech, model, fitted.prompt, command)
        if answered.ending is RoundEnd.TOO_LONG:
            answered = await self._ask(speech, model, fitted.prompt.halved(), command)
        usage = await self._accounts.end(account, answered, speech)
        if not answered.ending.is_over:
            return await speech.leave(answered.ending)
        asked = await self._calls.ask(draft, speech.calls, datetime.now(UTC))
        return await speech.finish(answered.ending, usage, asked)

    async def _refusal(self, turn: Turn) -> RoundEnd | None:
        """Return why no model is asked: the turn is to stop, or its user has nothing left for today."""
        now = datetime.now(UTC)
        is_to_stop, is_spent = await asyncio.gather(
            self._answers.is_to_stop(turn, now), self._budget.is_spent(turn.user_id, now)
        )
        if is_to_stop:
            return RoundEnd.STOPPED
        return RoundEnd.BUDGET_SPENT if is_spent else None

    async def _ask(self, speech: Speech, model: LanguageModel, prompt: Prompt, command: Say) -> Answered:
        """Ask the model, and write down what it says."""
        try:
            end = await speech.write(model.answer(prompt))
        except ModelRefused:
            return Answered(RoundEnd.REFUSED)
        except ModelBusy as error:
            return Answered(RoundEnd.BUSY, is_unread=error.is_unread)
        except PromptTooLong as error:
            return Answered(RoundEnd.TOO_LONG, is_unread=error.is_unread)
        except QuestionRefused as error:
            return Answered(RoundEnd.UNUSABLE, is_unread=error.is_unread)
        except ModelUnusable as error:
            return Answered(RoundEnd.UNUSABLE, error=str(error), is_unread=error.is_unread)
        except ModelFailed as error:
            is_to_stop = await speech.pause(_delay(error) if command.is_asked_again else NO_DELAY)
            ending = RoundEnd.STOPPED if is_to_stop else RoundEnd.UNAVAILABLE
            return Answered(ending, error=str(error), is_unread=error.is_unread)
        return Answered(speech.ending(end), end.usage) if end else Answered(RoundEnd.STOPPED)


def _delay(error: ModelFailed) -> timedelta:
    """Return how long to wait before the model is asked again: not at all if it wants too much."""
    wanted = error.retry_after or NO_DELAY
    return wanted if wanted <= MAX_RETRY_AFTER else NO_DELAY


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
