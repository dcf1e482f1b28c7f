"""One MongoDB transaction: the driver's own retry loop, five seconds at most."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pymongo
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client

TRANSACTION_TIMEOUT_SECONDS = 5
"""MongoDB's `transactionLifetimeLimitSeconds` must be the same, so that a dead process's locks expire by then."""

Result = TypeVar("Result")


async def in_transaction(client: Client, work: Callable[[AsyncClientSession], Awaitable[Result]]) -> Result:
    """Run `work` until it commits and return its result; it may run more than once. Raises the driver's errors."""
    with pymongo.timeout(TRANSACTION_TIMEOUT_SECONDS):
        async with client.start_session() as tx:
            return await tx.with_transaction(work)
