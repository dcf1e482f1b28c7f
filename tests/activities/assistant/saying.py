"""What a worker does to have a turn answered, and what a client sees of that."""

import asyncio
from dataclasses import dataclass, field, replace

from temporalio.testing import ActivityEnvironment

from activities.assistant.model_calls import Say
from activities.assistant.turns import FinishTurn
from adapters.redis.turn_texts import TurnTexts
from domain.assistant.language_models import LanguageModel
from domain.assistant.turn_ends import RoundEnd, TurnEnd
from domain.assistant.turns import Turn
from domain.assistant.writing import TextPlace
from tests.support.language_models import with_models
from tests.support.polling import eventually
from tests.support.scripted_model import ScriptedModel
from tests.support.talks import Talks
from workers.areas.assistant import model_call_activities, turn_activities


@dataclass
class Saying:
    """`seen`: what a client has read, each time only what came after what it had."""

    environment: ActivityEnvironment
    talks: Talks
    turn: Turn
    model: ScriptedModel
    texts: TurnTexts
    seen: bytes = field(default=b"")

    @property
    def place(self) -> TextPlace:
        return TextPlace(self.turn.chat_id, self.turn.turn_id, self.turn.attempt, 0)

    def by(self, model: ScriptedModel) -> "Saying":
        """Return the same turn on another worker."""
        return replace(self, model=model)

    def start(
        self, by: LanguageModel | None = None, *, is_asked_again: bool = False, model: str | None = None
    ) -> "asyncio.Task[RoundEnd]":
        """Have the model asked, or another, as a worker does. `model`: the name that the worker is given."""
        asked = by or self.model
        resources = with_models(self.talks.resources, asked)
        stores = replace(resources.assistant, texts=self.texts)
        activities = model_call_activities(replace(resources, assistant=stores))
        name = model or asked.facts.name
        say = Say(self.turn.turn_id, self.turn.attempt, 0, name, is_asked_again=is_asked_again)
        return asyncio.create_task(self.environment.run(activities.say, say))

    async def finish(self, end: TurnEnd) -> None:
        """Close the turn, as the workflow does."""
        resources = self.talks.resources
        stores = replace(resources.assistant, texts=self.texts)
        activities = turn_activities(replace(resources, assistant=stores))
        await self.environment.run(activities.finish, FinishTurn(self.turn.turn_id, self.turn.attempt, end))

    async def wait_said(self, text: str) -> None:
        """Return once a client can read this text in Redis."""

        async def is_said() -> bool:
            said = await self.texts.read(self.place)
            self.seen += said.encode()[len(self.seen) :]
            return said == text

        await eventually(is_said)

    async def wait_saved(self, text: str) -> None:
        """Return once MongoDB has this text."""

        async def is_saved() -> bool:
            return await self.answer() == text

        await eventually(is_saved)

    async def wait_asked(self, times: int = 1) -> None:
        """Return once the model was asked so often."""

        async def is_asked() -> bool:
            return len(self.model.asked) == times

        await eventually(is_asked)

    async def wait_left(self) -> None:
        """Return once nothing listens to the model."""

        async def is_left() -> bool:
            return self.model.left == len(self.model.asked)

        await eventually(is_left)

    async def kill(self, saying: "asyncio.Task[RoundEnd]") -> None:
        """End the activity where it is, as the end of its worker does."""
        saying.cancel()
        await asyncio.wait([saying])

    async def answer(self) -> str:
        """Return what is stored of the answer."""
        return (await self.talks.turn(self.turn.turn_id)).answer

    async def stop(self) -> None:
        await self.talks.resources.assistant.messages.stop(self.talks.user_id, self.turn.turn_id, self.talks.now)

    async def forget(self) -> None:
        """Let Redis lose the text."""
        await self.texts.drop(self.place)
