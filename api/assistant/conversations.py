"""What a user does in a chat, over HTTP and over the WebSocket alike: talk, stop an answer, have another."""

import asyncio
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.stores.assistant import AssistantStores
from api.assistant.turn_waker import TurnWaker
from domain.assistant.errors import AssistantOff, ConsentRequired, TokenBudgetSpent, TurnNotFound
from domain.assistant.model_usage import seconds_left_today
from domain.assistant.tool_calls import Decision, ToolCall
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import AcceptedTurn, NewTurn, Part, PartKind, Turn, TurnMode
from domain.assistant.writing import TextPlace
from domain.errors import DecodeError

PATIENCE = timedelta(seconds=2)
"""How long a request waits for the answer to its message."""
FIRST_LOOK_SECONDS = 0.05
LONGEST_LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Conversations:
    """Takes what users say. `waker` has it answered."""

    stores: AssistantStores
    hashes: KeyedHashes
    waker: TurnWaker

    async def say(
        self,
        user_id: str,
        chat_id: str,
        text: str,
        mode: TurnMode,
        message_id: str | None,
        now: datetime,
        asker_id: str,
    ) -> AcceptedTurn:
        """Accept a message: from here on it will be answered, unless the session or API key that asks ends before. The
        same `message_id` is the same turn.

        Raises AssistantOff, ConsentRequired, TokenBudgetSpent, ChatNotFound, ChatExpired, TurnRunning, TooManyTurns,
        and IdempotencyKeyReused for another text with the same id.
        """
        name = json.dumps([chat_id, message_id or secrets.token_hex(16)])
        new = NewTurn(
            turn_id=self.hashes.derive_object_id(name, "turn"),
            chat_id=chat_id,
            user_id=user_id,
            text=text,
            mode=mode,
            body_hash=self.hashes.body_hash(json.dumps([text, mode])),
            asked_at=now,
            asker_id=asker_id,
        )
        if refusal := await self._refusal(user_id, now):
            return await self.stores.messages.find_repeated(new, refusal)
        accepted = await self.stores.messages.accept(new)
        if mode is TurnMode.INTERRUPT and accepted.is_new:
            await self._hurry_earlier(accepted.turn)
        self.waker.wake(chat_id)
        return accepted

    async def stop(self, user_id: str, turn_id: str, now: datetime) -> Turn:
        """Stop a turn: what was said stays. Raises TurnNotFound, TurnClosed."""
        turn = await self.stores.messages.stop(user_id, turn_id, now)
        await self.stores.texts.ask_to_stop(turn_id, turn.attempt)
        self.waker.wake(turn.chat_id)
        return turn

    async def retry(self, user_id: str, turn_id: str, now: datetime, asker_id: str) -> Turn:
        """Have a failed or stopped turn answered anew.

        Raises AssistantOff, ConsentRequired, TokenBudgetSpent, TurnNotFound, TurnClosed, ChatExpired, TooManyTurns.
        """
        if refusal := await self._refusal(user_id, now):
            raise refusal
        turn = await self.stores.messages.retry(user_id, turn_id, now, asker_id)
        self.waker.wake(turn.chat_id)
        return turn

    async def decide(self, user_id: str, call_id: str, decision: Decision, session_id: str, now: datetime) -> ToolCall:
        """Record a user's decision about a call of a tool, and have it carried out.

        Raises ApprovalNotFound, ApprovalClosed.
        """
        call = await self.stores.turn_calls.decide(user_id, call_id, decision, session_id, now)
        if call.chat_id and call.turn_id:
            await self.stores.texts.publish_changed(call.chat_id, call.turn_id)
            self.waker.wake(call.chat_id)
        return call

    async def withdraw_consent(self, user_id: str, now: datetime) -> None:
        """Take a user's consent back. What a model of others is answering is stopped, also what waits for its user."""
        stops_turns = self.stores.models.catalogue.has_external
        for chat_id in await self.stores.consents.withdraw(user_id, now, stops_turns=stops_turns):
            self.waker.wake(chat_id)

    async def read(self, user_id: str, turn_id: str) -> Turn:
        """Return a turn as far as it was said. Raises TurnNotFound."""
        turn = await self.stores.turns.find(user_id, turn_id, datetime.now(UTC))
        if turn is None:
            raise TurnNotFound
        (turn,) = await self.stores.turn_calls.attach([turn])
        return await self._with_live_text(turn)

    async def list_open(self, chat_id: str) -> Sequence[Turn]:
        """Return the open turns of a chat, as far as each was said."""
        turns = await self.stores.turn_calls.attach(await self.stores.turns.list_open([chat_id]))
        return [await self._with_live_text(turn) for turn in turns]

    async def wait_until_closed(self, turn: Turn) -> Turn:
        """Return the turn as soon as it is closed, or as it is after two seconds."""
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + PATIENCE.total_seconds(), FIRST_LOOK_SECONDS
        while turn.state.is_open and loop.time() < deadline:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_LOOK_SECONDS)
            turn = await self.read(turn.user_id, turn.turn_id)
        return turn

    async def _refusal(self, user_id: str, now: datetime) -> DecodeError | None:
        """Return why no message of the user can be answered now; None if it can."""
        models = self.stores.models.catalogue
        if models.is_empty:
            return AssistantOff()
        if models.has_external and await self.stores.consents.find(user_id) is None:
            return ConsentRequired()
        if await self.stores.token_budget.is_spent(user_id, now):
            return TokenBudgetSpent(retry_after=seconds_left_today(now))
        return None

    async def _with_live_text(self, turn: Turn) -> Turn:
        """Return a turn with what Redis has more of it than MongoDB."""
        if turn.state is not TurnState.RUNNING:
            return turn
        number = turn.open_part
        place = TextPlace(turn.chat_id, turn.turn_id, turn.attempt, number)
        text = max(turn.text_of(number), await self.stores.texts.read(place), key=len)
        return replace(turn, parts=[*turn.parts[:number], Part(PartKind.TEXT, text)]) if text else turn

    async def _hurry_earlier(self, turn: Turn) -> None:
        for each in await self.stores.turns.list_open([turn.chat_id]):
            if each.number < turn.number:
                await self.stores.texts.ask_to_stop(each.turn_id, each.attempt)
