"""One MongoDB transaction: the driver's own loop, five seconds at most."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import pymongo
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client

TRANSACTION_TIMEOUT_SECONDS = 5
"""MongoDB's `transactionLifetimeLimitSeconds` is to be the same: then it lets go what a dead process had locked."""

Result = TypeVar("Result")


async def in_transaction(client: Client, work: Callable[[AsyncClientSession], Awaitable[Result]]) -> Result:
    """Run `work` until it commits; it may run more than once. Raises the driver's errors."""
    with pymongo.timeout(TRANSACTION_TIMEOUT_SECONDS):
        async with client.start_session() as tx:
            return await tx.with_transaction(work)
