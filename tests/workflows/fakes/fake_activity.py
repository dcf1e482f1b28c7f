"""One fake activity whose behaviour a test sets."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from tests.support.polling import eventually

Command = TypeVar("Command")
Result = TypeVar("Result")


class FakeActivity(Generic[Command, Result]):
    """Fails as often as set, then waits if set to, then returns. Records its inputs."""

    def __init__(self, default: Callable[[Command], Result]) -> None:
        self.calls: list[Command] = []
        self._default = default
        self._next: deque[Callable[[Command], Result]] = deque()
        self._failures: deque[Exception] = deque()
        self._lasting_failure: Exception | None = None
        self._gate = asyncio.Event()
        self._gate.set()

    def returns_next(self, *answers: Callable[[Command], Result]) -> None:
        """The next answers, in this order; after them the usual one."""
        self._next.extend(answers)

    def always_returns(self, answer: Callable[[Command], Result]) -> None:
        self._default = answer

    def fail(self, error: Exception, *, times: int) -> None:
        self._failures.extend([error] * times)

    def always_fail(self, error: Exception) -> None:
        self._lasting_failure = error

    def hang(self) -> None:
        """An ask that does not fail waits for `resume`."""
        self._gate.clear()

    def resume(self) -> None:
        self._gate.set()

    def recover(self) -> None:
        """From now on it answers."""
        self._failures.clear()
        self._lasting_failure = None
        self._gate.set()

    async def call(self, command: Command) -> Result:
        self.calls.append(command)
        failure = self._failures.popleft() if self._failures else self._lasting_failure
        if failure:
            # Raised many times: without this its traceback grows with each.
            raise failure.with_traceback(None)
        await self._gate.wait()
        answer = self._next.popleft() if self._next else self._default
        return answer(command)

    async def wait_called(self, times: int) -> list[Command]:
        """What it was asked; waits for so many asks."""

        async def so_often() -> bool:
            return len(self.calls) >= times

        await eventually(so_often)
        return self.calls
