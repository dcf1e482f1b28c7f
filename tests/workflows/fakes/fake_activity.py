"""One fake activity, which a test tells how to behave."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from tests.support.polling import eventually

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


class Deed(Generic[Ask, Answer]):
    """Fails as often as told, then waits if told to, then answers. Remembers what it was asked."""

    def __init__(self, usual: Callable[[Ask], Answer]) -> None:
        self.asked: list[Ask] = []
        self._usual = usual
        self._next: deque[Callable[[Ask], Answer]] = deque()
        self._failures: deque[Exception] = deque()
        self._lasting_failure: Exception | None = None
        self._gate = asyncio.Event()
        self._gate.set()

    def answers_next(self, *answers: Callable[[Ask], Answer]) -> None:
        """The next answers, in this order; after them the usual one."""
        self._next.extend(answers)

    def always_answers(self, answer: Callable[[Ask], Answer]) -> None:
        self._usual = answer

    def fails(self, error: Exception, *, times: int) -> None:
        self._failures.extend([error] * times)

    def always_fails(self, error: Exception) -> None:
        self._lasting_failure = error

    def hangs(self) -> None:
        """An ask that does not fail waits for `goes_on`."""
        self._gate.clear()

    def goes_on(self) -> None:
        self._gate.set()

    def mend(self) -> None:
        """From now on it answers."""
        self._failures.clear()
        self._lasting_failure = None
        self._gate.set()

    async def play(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        failure = self._failures.popleft() if self._failures else self._lasting_failure
        if failure:
            # Raised many times: without this its traceback grows with each.
            raise failure.with_traceback(None)
        await self._gate.wait()
        answer = self._next.popleft() if self._next else self._usual
        return answer(ask)

    async def has_been_asked(self, times: int) -> list[Ask]:
        """What it was asked; waits for so many asks."""

        async def so_often() -> bool:
            return len(self.asked) >= times

        await eventually(so_often)
        return self.asked
