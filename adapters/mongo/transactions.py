"""One MongoDB transaction: the driver's own retry loop, five seconds at most, and what follows once it is committed."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

import pymongo
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client

TRANSACTION_TIMEOUT_SECONDS = 5
"""MongoDB's `transactionLifetimeLimitSeconds` must be longer, so that the server ends only what a dead process has left
behind: 10, since that is also how long its locks stay (60 by default).
"""

Result = TypeVar("Result")
Effect = Callable[[], Awaitable[object]]

_effects: WeakKeyDictionary[AsyncClientSession, list[Effect]] = WeakKeyDictionary()


async def in_transaction(client: Client, work: Callable[[AsyncClientSession], Awaitable[Result]]) -> Result:
    """Run `work` until it commits and return its result; it may run more than once. Raises the driver's errors."""
    effects: list[Effect] = []

    async def attempt(tx: AsyncClientSession) -> Result:
        effects.clear()
        _effects[tx] = effects
        result = await work(tx)
        if not tx.in_transaction:
            effects.clear()
        return result

    with pymongo.timeout(TRANSACTION_TIMEOUT_SECONDS):
        async with client.start_session() as tx:
            result = await tx.with_transaction(attempt)
    for effect in effects:
        await effect()
    return result


def after_commit(tx: AsyncClientSession, effect: Effect) -> None:
    """Have `in_transaction` await `effect` when this attempt has committed, and never when it is repeated or aborted.

    A process that dies in between loses it, so it may only save time.
    """
    _effects[tx].append(effect)
