"""Single-use tickets, stored by hash. Expiry is checked on reading, since TTL deletion lags a minute or more."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database
from adapters.mongo.idempotency import Receipt, insert_receipt
from adapters.mongo.transactions import in_transaction

TicketValue = dict[str, Any]


class TicketStore:
    """Stores and consumes tickets. `purpose` separates their kinds; `value` is the data kept with a ticket."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tickets = database["tickets"]

    async def store(
        self,
        ticket_hash: str,
        *,
        purpose: str,
        value: TicketValue,
        expires_at: datetime,
        receipt: Receipt | None = None,
    ) -> None:
        """Store a ticket. A second call with the same hash changes nothing.

        A `receipt` makes it once per request: a consumed ticket is not stored again. Raises AlreadyAnswered.
        """
        ticket = {"hash": ticket_hash, "purpose": purpose, "value": value, "expires_at": expires_at}

        async def work(tx: AsyncClientSession) -> None:
            await self._tickets.update_one({"hash": ticket_hash}, {"$setOnInsert": ticket}, upsert=True, session=tx)
            await insert_receipt(self._database, receipt, tx)

        await in_transaction(self._database.client, work)

    async def consume(
        self, ticket_hash: str, *, purpose: str, now: datetime, receipt: Callable[[TicketValue], Receipt | None]
    ) -> TicketValue | None:
        """Delete a live ticket of this purpose and return its value; None when there is none.

        `receipt` makes the receipt of the value, written in the same transaction. Raises AlreadyAnswered, and nothing
        was consumed.
        """
        living = {"hash": ticket_hash, "purpose": purpose, "expires_at": {"$gt": now}}

        async def work(tx: AsyncClientSession) -> TicketValue | None:
            document = await self._tickets.find_one_and_delete(living, session=tx)
            if document is None:
                return None
            value: TicketValue = document["value"]
            await insert_receipt(self._database, receipt(value), tx)
            return value

        return await in_transaction(self._database.client, work)
