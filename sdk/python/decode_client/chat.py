"""A chat with the assistant that is kept up over lost connections."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Literal, TypeVar

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from decode_client.errors import DecodeError
from decode_client.generated.answers import History
from decode_client.questions import Json, Question, Questions, end_in, refusal_in
from decode_client.sockets import Query, Sockets
from decode_client.turn import Turn

Mode = Literal["queue", "interrupt", "reject"]
Result = TypeVar("Result")


class Chat:
    """A chat that is open. What is asked while the connection is away is asked again on the next one.

    All methods raise DecodeError: for what was refused, by the API's name, and for all that comes after the end of the
    chat (ChatExpired, ChatNotFound) or of the session.
    """

    def __init__(self, sockets: Sockets, chat_id: str | None) -> None:
        self.chat_id = chat_id or ""
        self.open_turns: Sequence[Turn] = ()
        """The turns that were open when the chat was restored."""
        self._sockets = sockets
        self._socket: ClientConnection | None = None
        self._questions = Questions()
        self._unanswered: list[Question] = []
        self._turns: dict[str, Turn] = {}
        self._live_from: Mapping[str, Json] = {}
        self._failure: Exception | None = None
        self._begun = asyncio.Event()

    async def say(self, text: str, *, mode: Mode = "queue", message_id: str | None = None) -> Turn:
        """Say something, and return its turn once it is accepted. The same `message_id` is the same turn.

        `mode`: what happens while another message is answered. Raises DecodeError, RateLimited among others.
        """
        data = {"text": text, "mode": mode, "message_id": message_id or secrets.token_hex(16)}
        return await self._ask(
            "user_message_stream",
            data,
            "message_accepted",
            lambda data: self._turn(data["turn_id"]),
            is_repeated=bool(message_id),
        )

    async def stop(self, turn_id: str) -> None:
        """End an answer; what was said stays. Raises DecodeError, TurnClosed if it is over."""
        await self._ask("stop_turn", {"turn_id": turn_id}, "pong", _nothing)

    async def retry(self, turn_id: str) -> Turn:
        """Have a message answered anew whose answer has failed or was stopped. Raises DecodeError."""
        is_open = turn_id in self._turns
        turn = self._turn(turn_id)
        try:
            await self._ask("retry_turn", {"turn_id": turn_id}, "pong", _nothing)
        except DecodeError:
            if not is_open:
                self._turns.pop(turn_id, None)
            raise
        return turn

    async def history(self, *, before: int | None = None, limit: int = 100) -> History:
        """Return messages of the chat, the newest, or those with a lower number than `before`. Raises DecodeError."""
        asked = {"limit": limit} | ({"before": before} if before else {})
        return await self._ask("get_history", asked, "conversation_history", History.model_validate)

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
        for turn in self._turns.values():
            turn.fail(refusal)
        self._begun.set()

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
        self.chat_id, self._live_from = data["sessionId"], {each["turn_id"]: each for each in open_turns}
        if not self._begun.is_set():
            self.open_turns = [self._turn(turn_id) for turn_id in self._live_from]
        self._socket, self._questions = socket, Questions()
        unanswered, turns = list(self._unanswered), list(self._turns.values())
        for question in unanswered:
            await self._put(question)
        for turn in turns:
            await self._resume(turn)
        self._begun.set()

    async def _hear(self, event: str, data: Json) -> None:
        """Take a frame. Those of a later API, and of turns that were begun elsewhere, are ignored."""
        turn_id = data.get("turn_id", "")
        turn = self._turns.get(turn_id)
        if event == "error" and turn_id:
            self._close(turn_id, lambda turn: turn.fail(_failure(data)))
        elif event == "stream_end":
            self._close(turn_id, lambda turn: turn.finish(data))
        elif event == "stream_start" and turn:
            turn.begin(data["attempt"])
        elif event == "stream_chunk" and turn:
            turn.take(data)
        elif question := self._questions.answer(event, data):
            _settle(question, data)
            if question.is_repeated and turn_id in self._turns:
                await self._resume(self._turns[turn_id])

    def _close(self, turn_id: str, close: Callable[[Turn], None]) -> None:
        if turn := self._turns.pop(turn_id, None):
            close(turn)

    def _turn(self, turn_id: str) -> Turn:
        """Return the turn with this id, which hears what comes from now on."""
        return self._turns.setdefault(turn_id, Turn(turn_id))

    async def _resume(self, turn: Turn) -> None:
        live = self._live_from.get(turn.turn_id)
        part, offset = turn.ask_from((live["part"], live["offset"]), live["attempt"]) if live else turn.ask_from(None)
        data = {"turn_id": turn.turn_id, "attempt": turn.attempt, "part": part, "offset": offset}

        def refuse(refusal: DecodeError) -> None:
            if refusal.error != "TurnNotFound":
                raise _Unanswered
            self._close(turn.turn_id, lambda turn: turn.fail(refusal))

        await self._put(Question("resume", data, "pong", lambda _: None, refuse))

    async def _ask(
        self,
        event: str,
        data: Json,
        answered_by: str,
        read: Callable[[Json], Result],
        *,
        is_repeated: bool = False,
    ) -> Result:
        """Send a question, again after each lost connection, and return what `read` makes of its answer."""
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


def _nothing(data: Json) -> None:
    """What is answered has no result."""
