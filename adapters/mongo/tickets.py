"""Single-use tickets: stored by hash, taken once. Expiry is checked here, since TTL lags a minute or more."""

from datetime import datetime
from typing import Any

from adapters.mongo.client import Database


class TicketStore:
    def __init__(self, database: Database) -> None:
        self._tickets = database["tickets"]

    async def put(self, ticket_hash: str, *, purpose: str, value: dict[str, Any], expires_at: datetime) -> None:
        ticket = {"hash": ticket_hash, "purpose": purpose, "value": value, "expires_at": expires_at}
        await self._tickets.insert_one(ticket)

    async def take(self, ticket_hash: str, *, purpose: str, now: datetime) -> dict[str, Any] | None:
        """The value of a living ticket of this purpose, once; None otherwise."""
        living = {"hash": ticket_hash, "purpose": purpose, "expires_at": {"$gt": now}}
        document = await self._tickets.find_one_and_delete(living)
        value: dict[str, Any] | None = document["value"] if document else None
        return value
