"""Names and addresses that nobody else can have for a while; by hash, so that the store names nobody."""

from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database


def account_holder(user_id: str) -> str:
    """The owner of what is held for an account, rather than for one flow."""
    return f"account/{user_id}"


class Reservations:
    def __init__(self, database: Database) -> None:
        self._holds = database["holds"]

    async def reserve(
        self,
        hold_key: str,
        *,
        holder: str,
        until: datetime,
        now: datetime,
        reason: str,
        tx: AsyncClientSession | None = None,
    ) -> None:
        """Raises DuplicateKeyError while somebody else's hold is alive: the unique index decides."""
        free_or_mine = {"key": hold_key, "$or": [{"until": {"$lt": now}}, {"owner": holder}]}
        hold = {"owner": holder, "until": until, "reason": reason}
        await self._holds.update_one(free_or_mine, {"$set": hold}, upsert=True, session=tx)

    async def force_reserve(
        self, hold_key: str, *, holder: str, until: datetime, reason: str, tx: AsyncClientSession
    ) -> None:
        """Hold it whoever held it before, with the change that gives it up."""
        hold = {"owner": holder, "until": until, "reason": reason}
        await self._holds.update_one({"key": hold_key}, {"$set": hold}, upsert=True, session=tx)

    async def release(self, hold_key: str, *, holder: str, tx: AsyncClientSession | None = None) -> None:
        await self._holds.delete_one({"key": hold_key, "owner": holder}, session=tx)

    async def find_holder(self, hold_key: str, now: datetime, tx: AsyncClientSession | None = None) -> str | None:
        """Who holds it; None when it is free."""
        hold = await self._holds.find_one({"key": hold_key, "until": {"$gte": now}}, {"owner": 1}, session=tx)
        holder: str | None = hold["owner"] if hold else None
        return holder
