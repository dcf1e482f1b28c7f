"""People who come more and more, each doing the same again and again: the shape of a load, and how it went."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from websockets.exceptions import WebSocketException

from bench.chat_clients import NotServed, NotWhole
from bench.figure import Figure, Limit, at_least, at_least_times
from bench.raw_http_client import Refused

Done = TypeVar("Done")
FAILURES = (OSError, EOFError, WebSocketException, Refused, NotServed, NotWhole)
"""TimeoutError is an OSError."""


@dataclass(frozen=True)
class Ramp:
    """`first` people are there at the start; until half of the `seconds` are over the others come, one after the other,
    and there are `most`. `pause`: the seconds between two things that one of them does.
    """

    first: int
    most: int
    seconds: float
    pause: float = 1.0

    def joins_after(self, number: int) -> float:
        """Return the second in which this one of the people comes."""
        late = max(0, number + 1 - self.first)
        return late / max(1, self.most - self.first) * self.seconds / 2


@dataclass
class Visits(Generic[Done]):
    """What people have done, and why some of it has failed. `patience`: the seconds that each thing may take."""

    patience: float = 30.0
    done: list[Done] = field(default_factory=list)
    failed: list[Exception] = field(default_factory=list)

    async def take(self, visit: Awaitable[Done]) -> None:
        """Await a visit. It has failed if it is refused, cut off, not whole, or not over in time."""
        try:
            async with asyncio.timeout(self.patience):
                self.done.append(await visit)
        except FAILURES as failure:
            self.failed.append(failure)

    def succeeded(self, what: str, percent: float) -> Figure:
        """Return the row that says how many visits did not fail."""
        return Figure(
            what=f"{what}, without a failure",
            ours=100 * len(self.done) / max(1, self.count),
            unit="%",
            want=at_least(percent),
            because=f"of {self.count}, {self._first_failure}.",
        )

    def all_done(self, what: str, visits: str) -> Figure:
        """Return the row that wants every visit done. `visits`: what they are called."""
        return Figure(
            what=what,
            ours=len(self.done),
            unit="",
            limit=Limit(visits, self.count),
            want=at_least_times(1.0),
            because=f"{self._first_failure}.",
        )

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.done) + len(self.failed)

    @property
    def _first_failure(self) -> str:
        return repr(self.failed[0])[:120] if self.failed else "none failed"


async def ramped(ramp: Ramp, tokens: Sequence[str], visit: Callable[[str], Awaitable[Done]]) -> Visits[Done]:
    """Have the people of the ramp, each with a token, make visits until its end. A visit that is begun is finished."""
    visits, ends_at = Visits[Done](), time.perf_counter() + ramp.seconds

    async def come(number: int, token: str) -> None:
        await asyncio.sleep(ramp.joins_after(number))
        while time.perf_counter() < ends_at:
            await visits.take(visit(token))
            await asyncio.sleep(ramp.pause)

    await asyncio.gather(*(come(number, token) for number, token in enumerate(tokens[: ramp.most])))
    return visits
