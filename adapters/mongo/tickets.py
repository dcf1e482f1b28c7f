"""Single-use tickets: stored by hash, taken once. Expiry is checked here, since TTL lags a minute or more."""

from datetime import datetime
from typing import Any

from adapters.mongo.client import Database, Document


class TicketStore:
    def __init__(self, database: Database) -> None:
        self._tickets = database["tickets"]

    async def put(self, ticket_hash: str, *, purpose: str, value: dict[str, Any], expires_at: datetime) -> None:
        ticket = {"hash": ticket_hash, "purpose": purpose, "value": value, "expires_at": expires_at}
        await self._tickets.insert_one(ticket)

    async def look(self, ticket_hash: str, *, purpose: str, now: datetime) -> dict[str, Any] | None:
        """The value of a living ticket of this purpose, which stays; None otherwise."""
        document = await self._tickets.find_one(_living(ticket_hash, purpose, now))
        return _value(document)

    async def take(self, ticket_hash: str, *, purpose: str, now: datetime) -> dict[str, Any] | None:
        """The value of a living ticket of this purpose, once; None otherwise."""
        document = await self._tickets.find_one_and_delete(_living(ticket_hash, purpose, now))
        return _value(document)


def _living(ticket_hash: str, purpose: str, now: datetime) -> Document:
    return {"hash": ticket_hash, "purpose": purpose, "expires_at": {"$gt": now}}


def _value(document: Document | None) -> dict[str, Any] | None:
    value: dict[str, Any] | None = document["value"] if document else None
    return value
