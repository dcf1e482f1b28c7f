"""Run one call of a tool and store its result, or the result of a call whose attempts are lost."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.assistant.caller_rights import FindCaller
from activities.assistant.tool_handlers.handling import Handler, ToolUse
from domain.assistant.tool_calls import ToolCall, lost_result
from domain.assistant.tools.arithmetic import ArithmeticFailed
from domain.assistant.tools.checks import FindFaults, refusal_for_call
from domain.assistant.tools.registry import ToolDefinition, ToolRegistry
from domain.assistant.tools.results import (
    Fault,
    ToolErrorCode,
    ToolResult,
    bounded,
    execution_failed,
    failure,
    invalid_parameters,
    unknown_outcome,
)
from domain.errors import DecodeError, InvalidInput, NotAuthenticated
from domain.paging import from_milliseconds, to_milliseconds

if TYPE_CHECKING:
    from adapters.mongo.assistant.tools.tool_calls import ToolCallStore


@dataclass(frozen=True)
class RunToolCall:
    """`call_key`: the id of the call's document, which holds all words."""

    call_key: str


@dataclass(frozen=True)
class GiveUpToolCall:
    """`has_timed_out`: it did not end in time. `is_stopped`: its user has stopped the answer. Neither: its worker died,
    or a server is away.
    """

    call_key: str
    has_timed_out: bool
    is_stopped: bool = False


Publish = Callable[[str, str], Awaitable[None]]


class ToolCallActivities:
    """Activities of calls. `handlers`: by the names of their tools. `publish`: tells the gateways that a turn of a chat
    has changed.
    """

    def __init__(
        self,
        calls: "ToolCallStore",
        tools: ToolRegistry,
        handlers: Mapping[str, Handler],
        find_caller: FindCaller,
        find_faults: FindFaults,
        publish: Publish,
    ) -> None:
        self._calls = calls
        self._tools = tools
        self._handlers = handlers
        self._find_caller = find_caller
        self._find_faults = find_faults
        self._publish = publish

    @activity.defn(name="tool_calls.run")
    async def run(self, command: RunToolCall) -> None:
        """Run the call as its user may at this moment, and store the result; nothing happens once it has one.

        A change is tried once, also by a repeat of this activity. Raises TimeoutError and the driver's errors.
        """
        call = await self._calls.find(command.call_key)
        if call is None or call.result:
            return
        began_at = time.monotonic()
        result = await self._result(call, _now())
        execution_ms = round((time.monotonic() - began_at) * 1000)
        await self._calls.finish(call.call_key, result, _now(), execution_ms=execution_ms)
        await self._tell(call)

    @activity.defn(name="tool_calls.give_up")
    async def give_up(self, command: GiveUpToolCall) -> None:
        """Store the result of a call that has ended without one."""
        call = await self._calls.find(command.call_key)
        if call is None:
            return
        tool = self._tools.find(call.tool)
        result = lost_result(tool, has_timed_out=command.has_timed_out, is_stopped=command.is_stopped)
        await self._calls.finish(call.call_key, result, _now(), execution_ms=None)
        await self._tell(call)

    async def _tell(self, call: ToolCall) -> None:
        """Let the gateways know of the result of a model's call."""
        if call.chat_id and call.turn_id:
            await self._publish(call.chat_id, call.turn_id)

    async def _result(self, call: ToolCall, now: datetime) -> ToolResult:
        found = await self._find_caller(call.user_id, call.asker_id, now)
        if found is None:
            return failure(ToolErrorCode.UNAUTHORIZED)
        user, caller = found
        refusal = refusal_for_call(
            call.tool, call.arguments, caller=caller, tools=self._tools, find_faults=self._find_faults
        )
        tool = self._tools.find(call.tool)
        if refusal or tool is None:
            return refusal or failure(ToolErrorCode.TOOL_NOT_FOUND)
        if tool.changes and not await self._calls.claim(call.call_key, now):
            return unknown_outcome()
        return await self._handled(tool, ToolUse(user, call.arguments, now))

    async def _handled(self, tool: ToolDefinition, use: ToolUse) -> ToolResult:
        try:
            async with asyncio.timeout(tool.timeout.total_seconds()):
                data = await self._handlers[tool.name](use)
        except DecodeError as error:
            return refused_result(error)
        except ArithmeticFailed as error:
            return execution_failed(error.fault, str(error))
        return bounded(ToolResult(dict(data)), tool.max_result_bytes)


def refused_result(error: DecodeError) -> ToolResult:
    """Return the result of a call that a route would answer with this error."""
    if isinstance(error, NotAuthenticated):
        return failure(ToolErrorCode.UNAUTHORIZED)
    if isinstance(error, InvalidInput) and error.details:
        listed = [error.details] if isinstance(error.details, Mapping) else error.details
        return invalid_parameters([Fault(_field(each), str(each["message"])) for each in listed])
    return execution_failed(type(error).__name__, error.message)


def _field(fault: Mapping[str, object]) -> str:
    """A route says `query.cursor` where the tool has an argument `cursor`."""
    return str(fault["field"]).rpartition(".")[2]


def _now() -> datetime:
    """As MongoDB keeps it: in whole milliseconds."""
    return from_milliseconds(to_milliseconds(datetime.now(UTC)))
