"""The model `mock`: no model at all, but answers that only depend on what was said, at the pace of a real one.

A message that begins with a command is obeyed: `count 5` counts, `say hello` repeats, `fail` fails, `refuse` refuses,
and each line `call <tool> <JSON>` calls a tool, whose result is the answer.
Any other is answered by the first group of words that it has one of.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence

from domain.assistant.conversation import Message, Prompt, ToolExchange
from domain.assistant.history import MessageRole
from domain.assistant.language_models import (
    MOCK,
    AnswerEnd,
    CallAsked,
    ModelFacts,
    ModelFailed,
    ModelRefused,
    Spoken,
    TextPiece,
)
from domain.assistant.turn_ends import FinishReason
from domain.assistant.turns import Usage

MAX_COUNT = 10_000
CALL = re.compile(r"^call (\S+) ?(.*)$", re.MULTILINE)
COUNT = re.compile(r"count ([1-9][0-9]{0,4})")
GROUPS: Sequence[tuple[frozenset[str], str]] = (
    (frozenset({"hello", "hi", "hey"}), "Hello! How can I help you today?"),
    (frozenset({"help", "support"}), "I answer questions and use the tools of this app. What do you need?"),
    (frozenset({"bye", "goodbye"}), "Goodbye! Come back whenever you like."),
    (frozenset({"thanks", "thank"}), "You are welcome!"),
    (frozenset({"weather"}), "I cannot see the weather from here."),
    (frozenset({"name", "who"}), "I am the assistant of this app."),
)
OTHERWISE = "You said: "


class MockModel:
    """Answers at a steady pace. `first_ms`: the time before the first word; `word_ms`: before each other word, without
    what it takes to take the word before.
    """

    def __init__(self, first_ms: int, word_ms: int, facts: ModelFacts = MOCK) -> None:
        self.facts = facts
        self._first = first_ms / 1000
        self._word = word_ms / 1000

    async def answer(self, prompt: Prompt) -> AsyncGenerator[Spoken, None]:
        """Yield the answer to the newest message, word by word, after what is begun. Raises ModelFailed, ModelRefused.

        Words are counted for tokens.
        """
        message = prompt.messages[-1].text
        calls, results = CALL.findall(message), [step for step in prompt.steps if isinstance(step, ToolExchange)]
        await asyncio.sleep(self._first)
        if calls and not results:
            for tool, arguments in calls:
                yield CallAsked(tool, arguments)
        text = _answer_to(message, calls, results)
        clock = asyncio.get_running_loop().time
        due_at = clock()
        for word in re.findall(r"\s*\S+\s*$|\s*\S+", text.removeprefix(prompt.begun)):
            yield TextPiece(word)
            due_at += self._word
            await asyncio.sleep(due_at - clock())
        yield AnswerEnd(FinishReason.STOP, Usage(_count(prompt.messages), len(text.split()), is_estimated=True))


def _answer_to(text: str, calls: Sequence[object], results: Sequence[ToolExchange]) -> str:
    said = text.strip()
    if calls:
        return "\n".join(f"{each.tool}: {each.result}" for each in results)
    if counted := COUNT.fullmatch(said):
        return " ".join(map(str, range(1, min(int(counted[1]), MAX_COUNT) + 1)))
    if said.startswith("say "):
        return said.removeprefix("say ")
    if said == "fail":
        raise ModelFailed
    if said == "refuse":
        raise ModelRefused
    words = set(re.findall(r"[a-z]+", said.lower()))
    return next((answer for group, answer in GROUPS if words & group), OTHERWISE + said)


def _count(messages: Sequence[Message]) -> int:
    return sum(len(message.text.split()) for message in messages if message.role is MessageRole.USER)
