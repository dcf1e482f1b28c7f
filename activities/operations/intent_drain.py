"""What all drains of intents share: a batch is done at once, or piece by piece where it is refused; then they rest."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from domain.intents import LINGER_SECONDS, Shard

Piece = TypeVar("Piece")
Work = Callable[[Sequence[Piece]], Awaitable[None]]
IsUnavailable = Callable[[Exception], bool]
"""Whether an error means that a server is away, and so says nothing about the batch."""


@dataclass(frozen=True)
class Drained:
    """`is_full`: the batch was full, so there may be more."""

    is_full: bool


async def find_refused(batch: Sequence[Piece], work: Work[Piece], is_unavailable: IsUnavailable) -> Sequence[Piece]:
    """Do the work for the whole batch; if it is refused, for one piece after the other. Returns those refused alone.

    Raises what `work` raises while a server is away.
    """
    if not batch or not await _is_refused(batch, work, is_unavailable):
        return []
    return [piece for piece in batch if await _is_refused([piece], work, is_unavailable)]


async def _is_refused(batch: Sequence[Piece], work: Work[Piece], is_unavailable: IsUnavailable) -> bool:
    try:
        await work(batch)
    except Exception as error:
        if is_unavailable(error):
            raise
        return True
    return False


async def rest(shard: Shard, found: int, *, limit: int) -> Drained:
    """Return the result of a drain that found so many intents, after a pause unless there is more, or one came alone:
    then the next is not made to wait.

    A timer of the workflow would cost a workflow task and take up to a second; here the pause costs nothing.
    """
    if 1 < found < limit:
        await asyncio.sleep(LINGER_SECONDS[shard.kind])
    return Drained(is_full=found == limit)
