"""Calls that a model has asked for in a turn: check them, wait for their user, begin them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.assistant.caller_rights import FindRights
from domain.assistant.tool_calls import STOPPED_BEFORE, TURN_OVER, ToolCall, ToolCallState, approval_notification
from domain.assistant.tools.checks import FindFaults, ToolCaller, refusal_for_call
from domain.assistant.tools.registry import MAX_CALLS_PER_TURN, ToolDefinition, ToolRegistry
from domain.assistant.tools.results import ToolErrorCode, ToolResult, failure
from domain.assistant.turns import Turn
from domain.notifications.notifications import NewNotification

if TYPE_CHECKING:
    from adapters.mongo.assistant.answers import AnswerStore
    from adapters.mongo.assistant.askers import AskerStore
    from adapters.mongo.assistant.tools.turn_calls import TurnCallStore
    from adapters.redis.presence import Presence
    from adapters.redis.turn_texts import TurnTexts


@dataclass(frozen=True)
class PrepareCalls:
    """The calls of one round. `round`: from 0."""

    turn_id: str
    attempt: int
    round: int


@dataclass(frozen=True)
class PreparedCall:
    """A call that may run. `expires_at`: until when its user may approve it, None if that is not needed."""

    call_key: str
    call_id: str
    attempts: int
    timeout_seconds: float
    expires_at: datetime | None = None

    @property
    def is_idempotent(self) -> bool:
        """Whether it may run twice, and so may be cut off too."""
        return self.attempts > 1


@dataclass(frozen=True)
class PreparedRound:
    """The calls of a round that may run, in order. `is_over_limit`: there were more than a turn may have."""

    calls: list[PreparedCall]
    is_over_limit: bool = False


@dataclass(frozen=True)
class LookAtCall:
    """`is_late`: its user has not decided in time."""

    turn_id: str
    call_id: str
    is_late: bool = False


@dataclass(frozen=True)
class StartCall:
    """A call that is decided, or needs no decision. `is_late`: the time of its turn is over."""

    turn_id: str
    call_id: str
    is_late: bool = False


class TurnCallActivities:
    """Activities of the Turns workflow that concern calls of tools. `sockets`: by chat."""

    def __init__(
        self,
        answers: "AnswerStore",
        calls: "TurnCallStore",
        askers: "AskerStore",
        texts: "TurnTexts",
        sockets: "Presence",
        tools: ToolRegistry,
        find_rights: FindRights,
        find_faults: FindFaults,
    ) -> None:
        self._answers = answers
        self._calls = calls
        self._askers = askers
        self._texts = texts
        self._sockets = sockets
        self._tools = tools
        self._find_rights = find_rights
        self._find_faults = find_faults

    @activity.defn(name="turns.prepare_calls")
    async def prepare(self, command: PrepareCalls) -> PreparedRound:
        """Check the calls of a round: each is refused, waits for its user, or may run. Idempotent."""
        turn = await self._answers.find(command.turn_id)
        if turn is None or turn.attempt != command.attempt:
            return PreparedRound([])
        calls = await self._calls.find_round(turn, command.round)
        first = turn.call_ids.index(calls[0].call_id) if calls else 0
        caller, allowed = await self._rights_in_chat(turn)
        for number, call in enumerate(calls, first):
            if call.state is ToolCallState.ASKED:
                await self._check(call, number, caller, allowed)
        checked = await self._calls.find_round(turn, command.round)
        prepared = [self._prepared(call) for call in checked if not call.result]
        await self._answers.set_waiting(turn, is_waiting=any(call.expires_at for call in prepared))
        await self._tell(turn)
        return PreparedRound(prepared, is_over_limit=first + len(calls) > MAX_CALLS_PER_TURN)

    @activity.defn(name="turns.look_at_call")
    async def look(self, command: LookAtCall) -> bool:
        """Return whether a call still waits for its user. It is declined when that is too late, or the turn stops."""
        turn, call = await self._find(command.turn_id, command.call_id)
        if call is None or call.state is not ToolCallState.WAITING:
            return False
        now = datetime.now(UTC)
        if turn and not command.is_late and not await self._answers.is_to_stop(turn, now):
            return True
        message = None if command.is_late else STOPPED_BEFORE
        await self._calls.refuse(call, failure(ToolErrorCode.DECLINED, message), now)
        return False

    @activity.defn(name="turns.start_call")
    async def start(self, command: StartCall) -> bool:
        """Let a call begin, and return whether it does: not if it has its result already, nor once its turn is to stop
        or its time is over. An approval is void once the session that gave it has ended, also one for the whole chat.
        """
        turn, call = await self._find(command.turn_id, command.call_id)
        if turn is None or call is None:
            return False
        now = datetime.now(UTC)
        if await self._answers.is_to_stop(turn, now):
            await self._calls.refuse(call, failure(ToolErrorCode.DECLINED, STOPPED_BEFORE), now)
        elif not await self._is_decider_alive(call, now):
            await self._calls.refuse(call, failure(ToolErrorCode.DECLINED), now)
        elif command.is_late:
            await self._calls.refuse(call, failure(ToolErrorCode.TIMEOUT, TURN_OVER), now)
        has_started = await self._calls.start(call.call_key, now)
        others = await self._calls.find_many(turn.user_id, turn.call_ids)
        is_waiting = any(each.state is ToolCallState.WAITING for each in others)
        await self._answers.set_waiting(turn, is_waiting=is_waiting)
        await self._tell(turn)
        return has_started

    async def _check(self, call: ToolCall, number: int, caller: ToolCaller | None, allowed: Mapping[str, str]) -> None:
        """Move a call that was asked for on. `number`: which of its turn it is, from 0. `allowed`: tools that need no
        approval, each with the session that has allowed it.
        """
        now = datetime.now(UTC)
        tool = self._tools.find(call.tool)
        refusal = self._refusal(call, number, caller)
        if refusal or tool is None:
            await self._calls.refuse(call, refusal or failure(ToolErrorCode.TOOL_NOT_FOUND), now)
        elif tool.changes and tool.name not in allowed:
            await self._calls.require_approval(call, now, await self._notification(call, tool, now))
        else:
            session_id = allowed[tool.name] if tool.changes else None
            await self._calls.approve_without_asking(call.call_key, now, session_id)

    async def _notification(self, call: ToolCall, tool: ToolDefinition, now: datetime) -> NewNotification | None:
        """Return what tells the user of a call that waits; None if a socket in its chat does."""
        is_shown = await self._sockets.try_is_online(str(call.chat_id), now)
        return None if is_shown else approval_notification(call, tool)

    def _refusal(self, call: ToolCall, number: int, caller: ToolCaller | None) -> ToolResult | None:
        if number >= MAX_CALLS_PER_TURN:
            return failure(ToolErrorCode.CALL_LIMIT)
        if caller is None:
            return failure(ToolErrorCode.UNAUTHORIZED)
        return refusal_for_call(
            call.tool, call.arguments, caller=caller, tools=self._tools, find_faults=self._find_faults
        )

    async def _rights_in_chat(self, turn: Turn) -> tuple[ToolCaller | None, Mapping[str, str]]:
        """Return what the user may do in the chat, None if nothing; and the tools that need no approval there, each
        with the living session that has allowed it.
        """
        found = await self._find_rights(turn)
        if found is None:
            return None, {}
        chat, caller = found
        living = await self._askers.find_many(list(chat.allowed_tools.values()), datetime.now(UTC))
        return caller, {tool: session for tool, session in chat.allowed_tools.items() if session in living}

    def _prepared(self, call: ToolCall) -> PreparedCall:
        tool: ToolDefinition | None = self._tools.find(call.tool)
        attempts, timeout = (tool.attempts, tool.timeout.total_seconds()) if tool else (1, 1.0)
        return PreparedCall(call.call_key, call.call_id, attempts, timeout, call.expires_at)

    async def _find(self, turn_id: str, call_id: str) -> tuple[Turn | None, ToolCall | None]:
        turn = await self._answers.find(turn_id)
        found: Sequence[ToolCall] = await self._calls.find_many(turn.user_id, [call_id]) if turn else ()
        return turn, found[0] if found else None

    async def _is_decider_alive(self, call: ToolCall, now: datetime) -> bool:
        return await self._askers.find(await self._calls.find_decider(call.call_key), now) is not None

    async def _tell(self, turn: Turn) -> None:
        await self._texts.publish_changed(turn.chat_id, turn.turn_id)
