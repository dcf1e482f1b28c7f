"""What is asked and heard in one chat, over one connection after the other."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import TypeVar

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from decode_client.chat_frames import CALL_EVENTS
from decode_client.errors import DecodeError
from decode_client.questions import Json, Question, Questions, end_in, refusal_in
from decode_client.sockets import Query, Sockets
from decode_client.turn import Turn

Result = TypeVar("Result")


class Conversation:
    """What is asked while the connection is away is asked again on the next one, and each turn goes on where it was.

    `turns`: those that are told here, until they are over. `seq`: the number of the last message, when it was opened.
    `listeners`: called with each turn that was not told here before, and with None when there may have been others.
    """

    def __init__(self, sockets: Sockets, chat_id: str | None) -> None:
        self.chat_id = chat_id or ""
        self.turns: dict[str, Turn] = {}
        self.seq = 0
        self.listeners: set[Callable[[Turn | None], None]] = set()
        self._sockets = sockets
        self._socket: ClientConnection | None = None
        self._questions = Questions()
        self._unanswered: list[Question] = []
        self._live: Mapping[str, Json] = {}
        self._failure: Exception | None = None
        self._begun = asyncio.Event()

    async def begun(self) -> None:
        """Wait until the chat is there. Raises DecodeError."""
        await self._begun.wait()
        if self._failure:
            raise self._failure

    async def run(self) -> None:
        """Keep the chat up until cancelled or until it has ended. Raises nothing: who asks is told."""
        try:
            async with aclosing(self._sockets.opened(self._query)) as sockets:
                async for socket in sockets:
                    with suppress(ConnectionClosed, _Unanswered):
                        await self._converse(socket)
                    self._socket = None
        except Exception as error:
            self.end(error)

    def end(self, error: Exception) -> None:
        """Take that nothing more will be said."""
        self._failure, self._socket = self._failure or error, None
        refusal = error if isinstance(error, DecodeError) else DecodeError("ChatLost", str(error), status=0)
        for question in list(self._unanswered):
            question.on_refusal(refusal)
        for turn in self.turns.values():
            turn.fail(refusal)
        self._begun.set()
        self._announce(None)

    async def ask(
        self,
        event: str,
        data: Json,
        answered_by: str,
        read: Callable[[Json], Result],
        *,
        is_repeated: bool = False,
    ) -> Result:
        """Send a question, again after each lost connection, and return what `read` makes of its answer.

        Raises DecodeError.
        """
        if self._failure:
            raise self._failure
        answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

        def take(data: Json) -> None:
            # The turn of a message is made even if its sender waits no longer.
            result = read(data)
            if not answer.done():
                answer.set_result(result)

        def refuse(refusal: DecodeError) -> None:
            if not answer.done():
                answer.set_exception(refusal)

        question = Question(event, data, answered_by, take, refuse, is_repeated)
        self._unanswered.append(question)
        try:
            await self._put(question)
            return await answer
        finally:
            self._unanswered.remove(question)

    def turn(self, turn_id: str, message: str = "") -> Turn:
        """Return the turn with this id, which hears what comes from now on."""
        if turn_id not in self.turns:
            self.turns[turn_id] = Turn(turn_id)
            self._announce(self.turns[turn_id])
        turn = self.turns[turn_id]
        turn.message = turn.message or message
        return turn

    async def resume(self, turn_id: str) -> Turn:
        """Return the turn with this id, from its beginning. It fails with TurnNotFound if there is none."""
        if self._failure:
            raise self._failure
        if turn_id in self.turns:
            return self.turns[turn_id]
        turn = self.turn(turn_id)
        await self._resume(turn)
        return turn

    def _query(self) -> Query:
        return {"chat_id": self.chat_id} if self.chat_id else {}

    async def _converse(self, socket: ClientConnection) -> None:
        """Go on where the connection before was lost. Raises ConnectionClosed, DecodeError when the chat has ended."""
        async for event, data in _frames(socket):
            if ended := end_in(event, data):
                raise ended
            if event in ("session_created", "session_restored"):
                await self._greet(socket, data)
            else:
                await self._hear(event, data)

    async def _greet(self, socket: ClientConnection, data: Json) -> None:
        if self.chat_id and data["sessionId"] != self.chat_id:
            raise DecodeError("ChatNotFound", "there is no such chat", status=0)
        open_turns = data.get("openTurns", [])
        self.chat_id, self._live = data["sessionId"], {each["turn_id"]: each for each in open_turns}
        if not self._begun.is_set():
            self.seq = data.get("messageCount", 0) + len(open_turns)
        self._socket, self._questions = socket, Questions()
        unanswered, turns = list(self._unanswered), [*self.turns.values(), *map(self.turn, self._live)]
        for question in unanswered:
            await self._put(question)
        for turn in dict.fromkeys(turns):
            await self._resume(turn)
        self._begun.set()
        # What was begun and ended meanwhile is told by nothing.
        self._announce(None)

    async def _hear(self, event: str, data: Json) -> None:
        """Take a frame. Those of a later API are ignored."""
        turn_id = data.get("turn_id")
        if turn_id and event != "message_accepted":
            self._tell(turn_id, event, data)
        elif question := self._questions.answer(event, data):
            _settle(question, data)
            if question.is_repeated and turn_id in self.turns:
                await self._resume(self.turns[turn_id])

    def _tell(self, turn_id: str, event: str, data: Json) -> None:
        """Take what is told of a turn, also of one that was begun elsewhere. Nothing comes after its end."""
        turn = self.turn(turn_id) if event == "stream_start" else self.turns.get(turn_id)
        if turn is None:
            return
        match event:
            case "stream_start":
                turn.begin(data["attempt"])
            case "stream_chunk":
                turn.take(data)
            case "stream_reset":
                turn.reset(data["part"])
            case "stream_end":
                self.turns.pop(turn_id).finish(data)
            case "error":
                self.turns.pop(turn_id).fail(_failure(data))
            case _ if event in CALL_EVENTS:
                turn.take_call(CALL_EVENTS[event].model_validate(data))

    async def _resume(self, turn: Turn) -> None:
        live = self._live.get(turn.turn_id)
        part, offset = turn.ask_from((live["part"], live["offset"]), live["attempt"]) if live else turn.ask_from(None)
        data = {"turn_id": turn.turn_id, "attempt": turn.attempt, "part": part, "offset": offset}

        def refuse(refusal: DecodeError) -> None:
            if refusal.error != "TurnNotFound":
                raise _Unanswered
            self.turns.pop(turn.turn_id, None)
            turn.fail(refusal)

        await self._put(Question("resume", data, "pong", lambda _: None, refuse))

    async def _put(self, question: Question) -> None:
        """Send a question, if there is a connection. Nothing comes between its place in the row and its sending.

        Raises DecodeError if it is too long.
        """
        frames, socket = question.frames(), self._socket
        if socket:
            self._questions.put(question)
            with suppress(ConnectionClosed):
                for frame in frames:
                    await socket.send(frame)

    def _announce(self, turn: Turn | None) -> None:
        for listener in self.listeners:
            listener(turn)


class _Unanswered(Exception):
    """The API could not go on with a turn now."""


async def _frames(socket: ClientConnection) -> AsyncIterator[tuple[str, Json]]:
    async for message in socket:
        frame = json.loads(message)
        yield frame["event"], frame.get("data", {})


def _settle(question: Question, data: Json) -> None:
    if question.refusal:
        question.on_refusal(question.refusal)
    else:
        question.on_answer(data)


def _failure(data: Json) -> DecodeError:
    return refusal_in("error", data) or DecodeError("ModelUnavailable", "the turn has failed", status=0)
