"""What a model is shown to answer a turn."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from activities.assistant.caller_rights import FindRights
from domain.assistant.conversation import BYTES_PER_TOKEN, Prompt, conversation, turn_steps
from domain.assistant.language_models import ModelFacts
from domain.assistant.tools.checks import usable_tools
from domain.assistant.tools.registry import ToolRegistry
from domain.assistant.turns import Turn

if TYPE_CHECKING:
    from adapters.mongo.assistant.answers import AnswerStore
    from adapters.mongo.assistant.tools.turn_calls import TurnCallStore


@dataclass(frozen=True)
class FittedPrompt:
    """A prompt that a model has room for, as far as is known. `bytes_per_token`: of what is said in its chat."""

    prompt: Prompt
    bytes_per_token: float


class Prompts:
    """Reads prompts. `system`: what models are told about themselves. `pseudonym`: of a user id."""

    def __init__(
        self,
        answers: "AnswerStore",
        calls: "TurnCallStore",
        find_rights: FindRights,
        tools: ToolRegistry,
        system: str,
        pseudonym: Callable[[str], str],
    ) -> None:
        self._answers = answers
        self._calls = calls
        self._find_rights = find_rights
        self._tools = tools
        self._system = system
        self._pseudonym = pseudonym

    async def read(self, turn: Turn, begun: str, model: ModelFacts) -> FittedPrompt:
        """Return what the model is shown: the newest of the chat, the steps of this turn, the tools of its user."""
        earlier, calls, rights = await asyncio.gather(
            self._answers.list_earlier(turn),
            self._calls.find_many(turn.user_id, turn.call_ids),
            self._find_rights(turn),
        )
        prompt = Prompt(
            messages=conversation(earlier, turn),
            steps=turn_steps(turn, calls),
            begun=begun,
            system=self._system,
            tools=usable_tools(self._tools, rights[1]) if rights and model.can_call_tools else (),
            user=self._pseudonym(turn.user_id),
        )
        ratio = (rights and rights[0].bytes_per_token) or BYTES_PER_TOKEN
        return FittedPrompt(prompt.fitted(model.max_prompt_bytes(ratio)), ratio)
