"""Names and addresses that nobody else can have for a while; by hash, so that the store names nobody."""

from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database


def of_account(user_id: str) -> str:
    """The owner of what is held for an account, rather than for one flow."""
    return f"account/{user_id}"


class Holds:
    def __init__(self, database: Database) -> None:
        self._holds = database["holds"]

    async def take(
        self,
        key: str,
        *,
        owner: str,
        until: datetime,
        now: datetime,
        reason: str,
        inner: AsyncClientSession | None = None,
    ) -> None:
        """Raises DuplicateKeyError while somebody else's hold is alive: the unique index decides."""
        free_or_mine = {"key": key, "$or": [{"until": {"$lt": now}}, {"owner": owner}]}
        hold = {"owner": owner, "until": until, "reason": reason}
        await self._holds.update_one(free_or_mine, {"$set": hold}, upsert=True, session=inner)

    async def put(self, key: str, *, owner: str, until: datetime, reason: str, inner: AsyncClientSession) -> None:
        """Hold it whoever held it before, with the change that gives it up."""
        hold = {"owner": owner, "until": until, "reason": reason}
        await self._holds.update_one({"key": key}, {"$set": hold}, upsert=True, session=inner)

    async def release(self, key: str, *, owner: str, inner: AsyncClientSession | None = None) -> None:
        await self._holds.delete_one({"key": key, "owner": owner}, session=inner)

    async def owner_of(self, key: str, now: datetime, inner: AsyncClientSession | None = None) -> str | None:
        """Who holds it; None when it is free."""
        hold = await self._holds.find_one({"key": key, "until": {"$gte": now}}, {"owner": 1}, session=inner)
        owner: str | None = hold["owner"] if hold else None
        return owner
