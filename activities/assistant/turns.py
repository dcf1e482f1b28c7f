"""Begins and finishes turns, one at a time in each chat."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.assistant.speech import take_up
from domain.assistant.language_models import ModelCatalogue
from domain.assistant.turn_ends import STOPPED, TurnEnd
from domain.assistant.turns import Turn
from domain.assistant.writing import NewerWriter

if TYPE_CHECKING:
    from adapters.mongo.assistant.answers import AnswerStore
    from adapters.mongo.assistant.model_usage import ModelUsageStore
    from adapters.mongo.users.users import UserStore
    from adapters.redis.model_health import ModelHealth
    from adapters.redis.turn_texts import TurnTexts


@dataclass(frozen=True)
class TurnsInput:
    """`chat_key`: the keyed hash of the chat id, for workflow ids."""

    chat_id: str
    chat_key: str


@dataclass(frozen=True)
class TurnPlan:
    """A turn to be answered. `models`: names of those that are asked, one after the other."""

    turn_id: str
    chat_id: str
    attempt: int
    models: list[str]


@dataclass(frozen=True)
class FinishTurn:
    """How an attempt at a turn ended."""

    turn_id: str
    attempt: int
    end: TurnEnd


class TurnActivities:
    """Activities of the Turns workflow that read and write the state of turns."""

    def __init__(
        self,
        answers: "AnswerStore",
        users: "UserStore",
        texts: "TurnTexts",
        models: ModelCatalogue,
        health: "ModelHealth",
        usage: "ModelUsageStore",
    ) -> None:
        self._answers = answers
        self._users = users
        self._texts = texts
        self._models = models
        self._health = health
        self._usage = usage

    @activity.defn(name="turns.begin")
    async def begin(self, chat_id: str) -> TurnPlan | None:
        """Begin the oldest open turn of the chat, or go on with it; None without one. Those of a user who is no longer
        active are stopped.
        """
        while turn := await self._answers.begin(chat_id, datetime.now(UTC)):
            if await self._users.is_active(turn.user_id):
                return await self._plan(turn)
            await self._close(FinishTurn(turn.turn_id, turn.attempt, STOPPED))
        return None

    @activity.defn(name="turns.is_to_stop")
    async def is_to_stop(self, turn_id: str) -> bool:
        """Return whether the turn is to stop; one that is gone is to stop too."""
        turn = await self._answers.find(turn_id)
        return turn is None or await self._answers.is_to_stop(turn, datetime.now(UTC))

    @activity.defn(name="turns.finish")
    async def finish(self, command: FinishTurn) -> None:
        """Close the turn, unless it is closed, and tell the gateways. Idempotent."""
        await self._close(command)

    async def _close(self, command: FinishTurn) -> None:
        if not command.end.is_whole:
            await self._save_last_words(command)
        usage = await self._usage.sum_attempt(command.turn_id, command.attempt)
        await self._answers.finish(command.turn_id, command.attempt, command.end, usage, datetime.now(UTC))

    async def _plan(self, turn: Turn) -> TurnPlan:
        """Return which models are asked, those that are down after the others."""
        models = self._models.models_to_ask(turn.named_model)
        down = await self._health.find_down(models)
        return TurnPlan(turn.turn_id, turn.chat_id, turn.attempt, sorted(models, key=lambda model: model in down))

    async def _save_last_words(self, command: FinishTurn) -> None:
        """Store what Redis alone has of an answer: who spoke may have died, and clients have read it."""
        taken = await self._answers.take(command.turn_id, command.attempt)
        if taken is None:
            return
        draft = await take_up(taken, self._texts)
        if draft.text:
            with suppress(NewerWriter):
                await self._answers.save(draft)
                await self._texts.drop(draft.place)
