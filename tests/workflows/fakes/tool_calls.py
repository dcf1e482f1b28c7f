"""The activities of ToolCall, as a fake does them: every tool works unless a test says otherwise."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from activities.assistant.tool_calls import GiveUpToolCall, RunToolCall
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeToolCalls:
    def __init__(self) -> None:
        self.ran = FakeActivity[RunToolCall, None](lambda _: None)
        self.given_up = FakeActivity[GiveUpToolCall, None](lambda _: None)

    def activities(self) -> Sequence[Callable[..., Any]]:
        return [self.run, self.give_up]

    @activity.defn(name="tool_calls.run")
    async def run(self, command: RunToolCall) -> None:
        await self.ran.call(command)

    @activity.defn(name="tool_calls.give_up")
    async def give_up(self, command: GiveUpToolCall) -> None:
        await self.given_up.call(command)
