"""The turns of a chat, as a fake answers them: each is done with the first try, until a test says otherwise.

Rounds end with DONE and ask for no call. A call of a test is not waiting when it is looked at, and may begin in time.
No user asks to stop.
"""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from activities.assistant.model_calls import Say
from activities.assistant.turn_calls import LookAtCall, PrepareCalls, PreparedCall, PreparedRound, StartCall
from activities.assistant.turns import FinishTurn, TurnPlan
from domain.assistant.turn_ends import RoundEnd
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeTurns:
    """No turn is open until a test opens one."""

    def __init__(self) -> None:
        self._open: list[TurnPlan] = []
        self.begun = FakeActivity[str, TurnPlan | None](lambda _: next(iter(self._open), None))
        self.said = FakeActivity[Say, RoundEnd](lambda _: RoundEnd.DONE)
        self.prepared = FakeActivity[PrepareCalls, PreparedRound](lambda _: PreparedRound([]))
        self.looked = FakeActivity[LookAtCall, bool](lambda _: False)
        self.started = FakeActivity[StartCall, bool](lambda command: not command.is_late)
        self.stop_looked = FakeActivity[str, bool](lambda _: False)
        self.finished = FakeActivity[FinishTurn, None](self._finish)

    def open(self, *turns: TurnPlan) -> None:
        """These wait to be answered, in this order."""
        self._open.extend(turns)

    def ask_for(self, *calls: PreparedCall, is_over_limit: bool = False) -> None:
        """The next round asks for these calls."""
        self.said.returns_next(lambda _: RoundEnd.CALLS)
        self.prepared.returns_next(lambda _: PreparedRound([*calls], is_over_limit))

    @activity.defn(name="turns.begin")
    async def begin(self, command: str) -> TurnPlan | None:
        return await self.begun.call(command)

    @activity.defn(name="turns.say")
    async def say(self, command: Say) -> RoundEnd:
        return await self.said.call(command)

    @activity.defn(name="turns.prepare_calls")
    async def prepare(self, command: PrepareCalls) -> PreparedRound:
        return await self.prepared.call(command)

    @activity.defn(name="turns.look_at_call")
    async def look(self, command: LookAtCall) -> bool:
        return await self.looked.call(command)

    @activity.defn(name="turns.start_call")
    async def start(self, command: StartCall) -> bool:
        return await self.started.call(command)

    @activity.defn(name="turns.is_to_stop")
    async def is_to_stop(self, command: str) -> bool:
        return await self.stop_looked.call(command)

    @activity.defn(name="turns.finish")
    async def finish(self, command: FinishTurn) -> None:
        return await self.finished.call(command)

    def activities(self) -> Sequence[Callable[..., Any]]:
        """What the queue of the assistant hosts."""
        return [self.begin, self.say, self.prepare, self.look, self.start, self.is_to_stop, self.finish]

    def _finish(self, command: FinishTurn) -> None:
        self._open = [turn for turn in self._open if turn.turn_id != command.turn_id]
