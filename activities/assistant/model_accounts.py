"""Keeps account of what models are asked: what it costs, and how the models do."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from activities.assistant.prompts import FittedPrompt
from activities.assistant.speech import Speech
from domain.assistant.language_models import ModelFacts
from domain.assistant.model_usage import ModelCall, bytes_per_token, estimate, is_believable
from domain.assistant.turn_ends import RoundEnd
from domain.assistant.turns import Turn, Usage

if TYPE_CHECKING:
    from adapters.mongo.assistant.answers import WriterTurn
    from adapters.mongo.assistant.chats import ChatStore
    from adapters.mongo.assistant.model_usage import ModelUsageStore
    from adapters.redis.model_health import ModelHealth


@dataclass(frozen=True)
class Answered:
    """How a call of a model ended. `usage`: None if the model has not counted. `error`: why it failed. `is_unread`: the
    model has read nothing, which costs nothing.
    """

    ending: RoundEnd
    usage: Usage | None = None
    error: str | None = None
    is_unread: bool = False


@dataclass(frozen=True)
class OpenCall:
    """A call that is under way. `began_at`: loop time."""

    call: ModelCall
    turn: Turn
    model: ModelFacts
    fitted: FittedPrompt
    began_at: float


class ModelAccounts:
    """Records calls of models, with what each tells of its model and of the texts of its chat."""

    def __init__(self, usage: "ModelUsageStore", health: "ModelHealth", chats: "ChatStore") -> None:
        self._usage = usage
        self._health = health
        self._chats = chats

    async def begin(self, taken: "WriterTurn", model: ModelFacts, fitted: FittedPrompt) -> OpenCall:
        """Record a call before it is made: if this worker dies, what was asked has been paid for all the same."""
        turn, usage = taken.turn, estimate(fitted.prompt, "", fitted.bytes_per_token)
        call = ModelCall(
            user_id=turn.user_id,
            turn_id=turn.turn_id,
            attempt=turn.attempt,
            round=turn.rounds,
            writer=taken.writer,
            model=model.name,
            began_at=datetime.now(UTC),
            usage=usage,
            cost_micro=model.cost_micro(usage),
        )
        await self._usage.record(call)
        return OpenCall(call, turn, model, fitted, asyncio.get_running_loop().time())

    async def end(self, account: OpenCall, answered: Answered, speech: Speech) -> Usage:
        """Record how a call ended, and return what it has cost."""
        usage = self._cost(account, answered, speech)
        ended = replace(
            account.call,
            usage=usage,
            cost_micro=account.model.cost_micro(usage),
            ending=answered.ending,
            first_text_ms=_milliseconds(account.began_at, speech.first_text_at),
            total_ms=_milliseconds(account.began_at, asyncio.get_running_loop().time()),
        )
        await self._usage.record(ended)
        if ratio := bytes_per_token(account.fitted.prompt, usage):
            await self._chats.set_bytes_per_token(account.turn.chat_id, ratio)
        await self._record_health(ended, answered.error)
        return usage

    def _cost(self, account: OpenCall, answered: Answered, speech: Speech) -> Usage:
        if answered.usage and is_believable(answered.usage, account.model):
            return answered.usage
        if answered.is_unread:
            return Usage(is_estimated=True)
        said = speech.text.removeprefix(account.fitted.prompt.begun)
        return estimate(account.fitted.prompt, said, account.fitted.bytes_per_token)

    async def _record_health(self, call: ModelCall, error: str | None) -> None:
        if error is not None:
            await self._health.record_failure(call.model, error)
        elif call.ending is RoundEnd.REFUSED or (call.ending and call.ending.is_over):
            await self._health.record_answer(call.model, call.first_text_ms)


def _milliseconds(began_at: float, ended_at: float | None) -> int | None:
    return None if ended_at is None else round((ended_at - began_at) * 1000)
