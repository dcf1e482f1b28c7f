"""The turns of a chat as they are told, wherever they were begun. Frames have no word of a user; the history has."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping, Sequence
from typing import Any
from weakref import WeakSet

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
        self._given: WeakSet[Turn] = WeakSet()

    async def turns(self) -> AsyncGenerator[Turn, None]:
        """Yield turns until the chat is left. Raises DecodeError when it has ended."""
        try:
            while True:
                told_more, told = self._conversation.turn_told, dict(self._conversation.turns)
                for message in await self._new_messages(told):
                    turn = told.get(message.turn_id) or await self._conversation.resume(message.turn_id)
                    turn.message = message.content
                    self._given.add(turn)
                    self._after = max(self._after, message.seq)
                    yield turn
                await told_more.wait()
        except DecodeError as error:
            if error.error != "ChatLeft":
                raise

    async def _new_messages(self, told: Mapping[str, Turn]) -> Sequence[MessageView]:
        """Return the messages of the turns that are to be given, oldest first."""
        wanted = {turn.turn_id for turn in told.values() if turn not in self._given}
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
