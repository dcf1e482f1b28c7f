"""Chats and their messages directly in the stores, for tests that need no request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from adapters.mongo.client import Document
from adapters.resources import Resources
from domain.assistant.chats import Chat, NewChat
from domain.assistant.language_models import CallAsked
from domain.assistant.tool_calls import ToolCall
from domain.assistant.turn_ends import RoundEnd, TurnEnd
from domain.assistant.turns import AcceptedTurn, NewTurn, Turn, TurnMode, Usage
from domain.assistant.writing import Draft


@dataclass(frozen=True)
class Talks:
    """What one user says. `now`: the time of all that is done. `asker_id`: the session or API key that says it."""

    resources: Resources
    user_id: str
    now: datetime
    asker_id: str | None = None

    def at(self, **later: float) -> "Talks":
        """Return the same at another time."""
        return replace(self, now=self.now + timedelta(**later))

    def new_chat(self, **changes: object) -> NewChat:
        """Return a chat to be made."""
        return replace(NewChat(self.resources.hashes.new_object_id(), self.user_id, "a hash", self.now), **changes)  # type: ignore[arg-type]

    async def begin_chat(self, **changes: object) -> Chat:
        return await self.resources.assistant.chats.create(self.new_chat(**changes))

    async def begin_chats(self, count: int) -> Sequence[Chat]:
        """Begin so many chats, a second apart."""
        return [await self.at(seconds=number).begin_chat() for number in range(count)]

    def message(self, chat_id: str, text: str = "hello", mode: TurnMode = TurnMode.QUEUE) -> NewTurn:
        """Return a message to be sent."""
        turn_id = self.resources.hashes.new_object_id()
        body_hash = self.resources.hashes.body_hash(text)
        return NewTurn(turn_id, chat_id, self.user_id, text, mode, body_hash, self.now, self.asker_id)

    async def send(self, chat_id: str, text: str = "hello", mode: TurnMode = TurnMode.QUEUE) -> Turn:
        return (await self.accept(self.message(chat_id, text, mode))).turn

    async def accept(self, message: NewTurn) -> AcceptedTurn:
        return await self.resources.assistant.messages.accept(message)

    async def begin(self, chat_id: str) -> Turn:
        """Begin the chat's oldest open turn, which there must be."""
        turn = await self.resources.assistant.answers.begin(chat_id, self.now)
        assert turn
        return turn

    async def draft(self, turn: Turn, text: str) -> Draft:
        """Return this text as the beginning of the answer, of a writer that comes after all others."""
        taken = await self.resources.assistant.answers.take(turn.turn_id, turn.attempt, "mock")
        assert taken
        return Draft(taken.turn, taken.writer, 0, text)

    async def call_tools(self, chat_id: str, *asked: CallAsked) -> Sequence[ToolCall]:
        """Have a model ask for tools in the first round of a new turn, and return the calls."""
        await self.send(chat_id)
        draft = await self.draft(await self.begin(chat_id), "")
        return await self.ask_for(draft, *asked)

    async def ask_for(self, draft: Draft, *asked: CallAsked) -> Sequence[ToolCall]:
        """Have a model end the round of a draft with calls of tools, and return them."""
        stores = self.resources.assistant
        ids = await stores.turn_calls.ask(draft, asked, self.now)
        await stores.answers.end_round(draft, RoundEnd.CALLS, Usage(), ids)
        return await stores.turn_calls.find_many(self.user_id, ids)

    async def call(self, call_id: str) -> ToolCall:
        (found,) = await self.resources.assistant.turn_calls.find_many(self.user_id, [call_id])
        return found

    async def finish(self, turn: Turn, end: TurnEnd) -> None:
        await self.resources.assistant.answers.finish(turn.turn_id, turn.attempt, end, turn.usage, self.now)

    async def chat(self, chat_id: str) -> Chat:
        found = await self.resources.assistant.chats.find(self.user_id, chat_id, self.now)
        assert found
        return found

    async def turn(self, turn_id: str) -> Turn:
        found = await self.resources.assistant.turns.find(self.user_id, turn_id, self.now)
        assert found
        return found

    async def documents(self, chat_id: str) -> tuple[Document | None, Sequence[Document]]:
        """Return the document of the chat, and those of its turns."""
        database, key = self.resources.clients.database, ObjectId(chat_id)
        turns = await database["turns"].find({"chat_id": key}).sort("number").to_list()
        return await database["chats"].find_one({"_id": key}), turns


def talks_of(resources: Resources, user_id: str) -> Talks:
    """Return what a user says, now."""
    return Talks(resources, user_id, datetime.now(UTC).replace(microsecond=0))
