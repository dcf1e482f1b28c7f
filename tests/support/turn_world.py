"""The environment of a state machine of turns: one chat on the real stores, a worker that may die at any step, a model
that says what it is told to, and sockets whose peers read or do not.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from temporalio.testing import ActivityEnvironment
from websockets.protocol import State

from activities.assistant import speech
from activities.assistant.model_calls import Say
from activities.assistant.turns import FinishTurn, TurnPlan
from adapters.redis.turn_texts import TextGrown, TurnChanged, chat_channel
from adapters.resources import Resources
from api.assistant.conversations import Conversations
from api.assistant.gateway.chat_socket import ChatSocket
from api.assistant.gateway.relay import Relay
from api.assistant.gateway.rooms import ChatRoom, Rooms, tell_of
from api.sockets.frames import PlainSpelling
from api.sockets.open_sockets import Groups
from domain.assistant.chats import NewChat
from domain.assistant.language_models import MOCK, ModelFailed
from domain.assistant.positions import Position
from domain.assistant.telling import NOTHING_TOLD, told_from
from domain.assistant.turn_ends import ENDS, UNAVAILABLE
from domain.assistant.turns import Turn, TurnMode
from domain.assistant.writing import TextPlace
from domain.errors import DecodeError
from tests.support.accounts import make_account
from tests.support.language_models import with_models
from tests.support.polling import eventually
from tests.support.scripted_model import END, ScriptedModel
from tests.support.turn_readers import Reader, parsed
from workers.areas.assistant import model_call_activities, turn_activities

SECONDS = 20.0


class NoWaker:
    """The machine itself decides when there is a worker."""

    def wake(self, chat_id: str) -> None:
        """Nobody waits for it."""


class TurnWorld:
    """One chat. All methods are coroutines on one loop, one at a time."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._stores = resources.assistant
        self._rooms: Rooms = Groups(ChatRoom)
        self._relay = Relay(self._rooms, self._stores)
        self._tasks: list[asyncio.Task[None]] = []
        self._model = ScriptedModel(MOCK)
        self._turns = turn_activities(resources)
        self._models = model_call_activities(with_models(resources, self._model))
        self._saying: asyncio.Task[Any] | None = None
        self._plan: TurnPlan | None = None
        self._has_spoken = False
        self._conversations = Conversations(self._stores, resources.hashes, cast(Any, NoWaker()))
        self.user_id = self.chat_id = self._asker_id = ""
        self.accepted: list[str] = []
        self.readers: list[Reader] = []

    async def open(self) -> None:
        """Begin the chat, and listen to its channel."""
        someone = await make_account(self._resources, is_in_graph=False)
        self.user_id, self._asker_id = someone.user["_id"], someone.session["_id"]
        self.chat_id = self._resources.hashes.new_object_id()
        await self._stores.chats.create(NewChat(self.chat_id, self.user_id, "", datetime.now(UTC)))
        listening = asyncio.Event()
        self._tasks = [asyncio.create_task(self._relay.run()), asyncio.create_task(self._listen(listening))]
        await asyncio.wait_for(listening.wait(), SECONDS)

    async def close(self) -> None:
        """End what is running."""
        await self.kill()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def send(self, mode: TurnMode) -> None:
        """Send a message; too many, or one that is not to wait, are refused."""
        with suppress(DecodeError):
            accepted = await self._conversations.say(
                self.user_id, self.chat_id, "hello", mode, secrets.token_hex(8), datetime.now(UTC), self._asker_id
            )
            self.accepted.append(accepted.turn.turn_id)

    async def work(self) -> None:
        """Do the worker's next step: begin a turn and ask the model, or finish one of which it is done."""
        if self._saying is None:
            self._plan = await self._turns.begin(self.chat_id)
            if self._plan is not None:
                say = Say(self._plan.turn_id, self._plan.attempt, 0, MOCK.name)
                self._saying = asyncio.create_task(ActivityEnvironment().run(self._models.say, say))
                self._has_spoken = False
        elif self._saying.done():
            await self._finish(self._saying)

    async def utter(self, text: str) -> None:
        """Have the model say this, and wait until it is announced."""
        if self._saying is None or self._saying.done():
            return
        self._model.says(text)
        await self._until_quiet()
        self._has_spoken = not self._saying.done()

    async def end_answer(self, *, fails: bool) -> None:
        """Have the model end its answer, or break it off."""
        if self._saying is None or self._saying.done():
            return
        self._model.says(ModelFailed() if fails else END)
        await asyncio.wait([self._saying], timeout=SECONDS)
        await self.work()

    async def kill(self) -> None:
        """Kill the worker: what it has not reported is lost."""
        saying, self._saying, self._has_spoken = self._saying, None, False
        if saying is not None:
            saying.cancel()
            await asyncio.wait([saying], timeout=SECONDS)
            assert saying.done()
        self._model.forget()

    async def lose_redis(self) -> None:
        """Have Redis forget all texts, as when it is started anew, while a worker speaks: with its next piece it writes
        the whole again. If both went at once, what was not saved yet would be gone: no store is left that has it.
        """
        saying, plan = self._saying, self._plan
        if not self._has_spoken or saying is None or saying.done() or plan is None:
            return
        redis = self._resources.clients.redis
        for turn_id in self.accepted:
            keys = [key async for key in redis.scan_iter(f"turn_*:{turn_id}:*", count=1000)]
            if keys:
                await redis.delete(*keys)
        await self.utter("again")
        turn = await self._stores.answers.find(plan.turn_id)
        place = TextPlace(self.chat_id, plan.turn_id, plan.attempt, turn.open_part if turn else 0)

        async def is_written() -> bool:
            return saying.done() or bool(await self._stores.texts.read(place))

        await eventually(is_written, within=SECONDS)

    def change_model(self, *, continues: bool) -> None:
        """Have a begun answer continued from here on, or begun anew."""
        self._model.facts = replace(MOCK, continues=continues)

    async def stop(self, number: int) -> None:
        """Stop one of the turns."""
        if self.accepted:
            with suppress(DecodeError):
                turn_id = self.accepted[number % len(self.accepted)]
                await self._conversations.stop(self.user_id, turn_id, datetime.now(UTC))

    async def retry(self, number: int) -> None:
        """Have one of the turns answered anew."""
        if self.accepted:
            with suppress(DecodeError):
                turn_id = self.accepted[number % len(self.accepted)]
                await self._conversations.retry(self.user_id, turn_id, datetime.now(UTC), self._asker_id)

    async def join(self) -> None:
        """Open a socket that is told of all turns from their beginning."""
        reader = self._new_reader()
        room = self._rooms.find(self.chat_id)
        assert room is not None
        for turn in await self._read_all():
            room.keep(turn)
            tell_of(reader.socket, turn, NOTHING_TOLD)
        self._relay.tell(reader.socket)

    async def resume(self, number: int, turn_number: int, share: float) -> None:
        """Have a socket begin again, somewhere before where it is in the attempt that it knows of."""
        turns = await self._read_all()
        if not self.readers or not turns:
            return
        reader, turn = self.readers[number % len(self.readers)], turns[turn_number % len(turns)]
        attempt = reader.attempts.get(turn.turn_id)
        if attempt is None:
            return
        key = (turn.turn_id, attempt)
        text, began, part = reader.texts[key], reader.began[key], reader.positions[key].part
        heard = len(text[: int(share * len(text))].encode())
        place = Position(part, heard + (began.offset if began.part == part else 0))
        room = self._rooms.find(self.chat_id)
        assert room is not None
        room.keep(turn)
        reader.begin(turn.turn_id, attempt, place)
        tell_of(reader.socket, turn, told_from(turn, attempt, place))
        self._relay.tell(reader.socket)

    def pause(self, number: int) -> None:
        """Have the peer of a socket stop reading, or go on."""
        if not self.readers:
            return
        reader = self.readers[number % len(self.readers)]
        connection = cast(Any, reader.socket.connection)
        connection.paused = not connection.paused
        if not connection.paused and connection.on_writable:
            connection.on_writable()

    async def settle(self) -> list[Turn]:
        """Let everyone go on until all turns are closed and all was told; return the turns."""
        for number, reader in enumerate(self.readers):
            if cast(Any, reader.socket.connection).paused:
                self.pause(number)
        while await self._stores.turns.list_open([self.chat_id]):
            await self.work()
            await self.end_answer(fails=False)
        await self._refresh()
        await eventually(self._all_told, within=SECONDS)
        return await self._read_all()

    async def _finish(self, saying: "asyncio.Task[Any]") -> None:
        assert self._plan is not None
        self._saying = None
        with suppress(asyncio.CancelledError):
            end = ENDS.get(saying.result(), UNAVAILABLE)
            await self._turns.finish(FinishTurn(self._plan.turn_id, self._plan.attempt, end))

    def _new_reader(self) -> Reader:
        connection = SimpleNamespace(
            paused=False,
            on_writable=None,
            protocol=SimpleNamespace(state=State.OPEN),
            transport=None,
            spelling=PlainSpelling(),
        )
        socket = ChatSocket(cast(Any, connection), secrets.token_hex(4), self.user_id, "", chat_id=self.chat_id)
        reader = Reader(socket)
        connection.transport = SimpleNamespace(write=lambda frame: reader.take(*parsed(frame)))
        self._rooms.enter(self.chat_id, socket)
        self.readers.append(reader)
        return reader

    async def _read_all(self) -> list[Turn]:
        return [await self._conversations.read(self.user_id, turn_id) for turn_id in self.accepted]

    async def _refresh(self) -> None:
        room = self._rooms.find(self.chat_id)
        if room is not None:
            self._relay.look_at(room, self.accepted)

    async def _all_told(self) -> bool:
        turns = await self._read_all()
        return all((turn.turn_id, turn.attempt) in reader.ends for turn in turns for reader in self.readers)

    async def _until_quiet(self) -> None:
        """Return when what was said is written down, or the worker has ended."""
        saying = self._saying

        async def is_quiet() -> bool:
            return saying is None or saying.done() or self._model.is_heard

        await eventually(is_quiet, within=SECONDS)
        await asyncio.sleep(0)

    async def _listen(self, listening: asyncio.Event) -> None:
        subscriptions = self._resources.subscriptions
        async for event in subscriptions.listen():
            if not listening.is_set():
                await asyncio.wait_for(_subscribed(subscriptions, self.chat_id), SECONDS)
                listening.set()
            if isinstance(event, TextGrown | TurnChanged):
                self._relay.hear(event)


async def _subscribed(subscriptions: Any, chat_id: str) -> None:
    await subscriptions.subscribe([chat_channel(chat_id)])


@asynccontextmanager
async def turn_world(resources: Resources) -> AsyncIterator[TurnWorld]:
    """A new chat. Pieces are announced at once, so that a case takes little time."""
    world = TurnWorld(resources)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speech, "MERGE_SECONDS", 0.001)
        patch.setattr(speech, "STOP_CHECK_SECONDS", 0.005)
        try:
            await world.open()
            yield world
        finally:
            await world.close()
