"""Holds: usernames and addresses reserved for a time. Keys are hashes, and an address that is kept is encrypted."""

from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database, Document


def account_holder(user_id: str) -> str:
    """Return the holder id of an account, as opposed to that of a flow."""
    return f"account/{user_id}"


class Reservations:
    """Holds by key. `holder`: a workflow id, or `account_holder`; `reason`: what the hold is for."""

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
        """Hold the key until `until`. Raises DuplicateKeyError while another holder has it, by the unique index."""
        free_or_own = {"key": hold_key, "$or": [{"until": {"$lt": now}}, {"owner": holder}]}
        hold = {"key": hold_key, "owner": holder, "until": until, "reason": reason}
        await self._holds.replace_one(free_or_own, hold, upsert=True, session=tx)

    async def force_reserve(
        self, hold_key: str, *, holder: str, until: datetime, reason: str, tx: AsyncClientSession, **facts: object
    ) -> None:
        """Hold the key whatever its holder, in the transaction of the change that gives it up. `facts`: more fields."""
        hold = {"key": hold_key, "owner": holder, "until": until, "reason": reason, **facts}
        await self._holds.replace_one({"key": hold_key}, hold, upsert=True, session=tx)

    async def release(self, hold_key: str, *, holder: str, tx: AsyncClientSession | None = None) -> None:
        """Delete the hold, if `holder` has it."""
        await self._holds.delete_one({"key": hold_key, "owner": holder}, session=tx)

    async def find(self, hold_key: str, now: datetime, tx: AsyncClientSession | None = None) -> Document | None:
        """Return the document of the hold; None when the key is free."""
        return await self._holds.find_one({"key": hold_key, "until": {"$gte": now}}, session=tx)

    async def find_holder(self, hold_key: str, now: datetime, tx: AsyncClientSession | None = None) -> str | None:
        """Return the holder; None when the key is free."""
        hold = await self.find(hold_key, now, tx)
        return str(hold["owner"]) if hold else None
