"""The turns of a chat as they are told, wherever they were begun. Frames have no word of a user; the history has."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from typing import Any

from decode_client.conversation import Conversation
from decode_client.errors import DecodeError
from decode_client.generated.answers import History, MessageView
from decode_client.turn import Turn

NEWEST, OLDER = 10, 100
"""Messages of the first page of a search, in which most find what they look for, and of each further one."""
PAUSE_SECONDS = 1.0


class TurnFeed:
    """Gives each turn once: those that are told, and those whose message has a higher number than `after`."""

    def __init__(
        self,
        conversation: Conversation,
        history: Callable[..., Coroutine[Any, Any, History]],
        after: int | None,
    ) -> None:
        self._conversation = conversation
        self._history = history
        self._after = conversation.seq if after is None else after
        self._told: dict[str, Turn] = {}
        self._news = asyncio.Event()

    async def turns(self) -> AsyncGenerator[Turn, None]:
        """Yield turns until the chat is left. Raises DecodeError when it has ended."""
        self._told = dict(self._conversation.turns)
        self._conversation.listeners.add(self._hear)
        try:
            while True:
                self._news.clear()
                for message in await self._new_messages():
                    self._after = max(self._after, message.seq)
                    yield await self._take(message)
                await self._news.wait()
        except DecodeError as error:
            if error.error != "ChatLeft":
                raise
        finally:
            self._conversation.listeners.discard(self._hear)

    def _hear(self, turn: Turn | None) -> None:
        if turn:
            self._told[turn.turn_id] = turn
        self._news.set()

    async def _take(self, message: MessageView) -> Turn:
        """Return the turn of a message, which may be over, and was perhaps not told."""
        turn = self._told.get(message.turn_id) or await self._conversation.resume(message.turn_id)
        self._told.pop(message.turn_id, None)
        turn.message = message.content
        return turn

    async def _new_messages(self) -> Sequence[MessageView]:
        """Return the messages of turns that were told, and of those that are newer than all given; oldest first."""
        wanted = set(self._told)
        page = await self._page(limit=NEWEST)
        messages = page.messages
        while page.next_before and (page.next_before > self._after + 1 or wanted - _turn_ids(messages)):
            page = await self._page(before=page.next_before, limit=OLDER)
            messages = page.messages + messages
        return [each for each in messages if each.role == "user" and (each.seq > self._after or each.turn_id in wanted)]

    async def _page(self, **wanted: int) -> History:
        """Return a page of the history, as soon as the API can read it. Raises DecodeError."""
        while True:
            try:
                return await self._history(**wanted)
            except DecodeError as refused:
                if refused.error != "DependencyUnavailable":
                    raise
            await asyncio.sleep(PAUSE_SECONDS)


def _turn_ids(messages: Sequence[MessageView]) -> set[str]:
    return {message.turn_id for message in messages if message.role == "user"}
