"""Holds: usernames and addresses reserved for a time. Keys are hashes, and an address that is kept is encrypted."""

from collections.abc import Sequence
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.mongo.client import Database, Document

HOLDERS = {"$ifNull": ["$holders", ["$owner"]]}
"""The holders in a pipeline; a hold that is not shared has only an owner."""


def account_holder(user_id: str) -> str:
    """Return the holder id of an account, as opposed to that of a flow."""
    return f"account/{user_id}"


class Reservations:
    """Holds by key. `holder`: a workflow id, or `account_holder`; `reason`: what the hold is for.

    A hold has one holder, its `owner`, or several of one `party`: its `holders`, of which the owner is one.
    """

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
        free_or_own = {"key": hold_key, "$or": [{"until": {"$lt": now}}, {"owner": holder}, {"holders": holder}]}
        hold = {"key": hold_key, "owner": holder, "until": until, "reason": reason}
        await self._holds.replace_one(free_or_own, hold, upsert=True, session=tx)

    async def reserve_together(
        self, hold_key: str, *, holder: str, party: str, until: datetime, now: datetime, reason: str
    ) -> None:
        """Hold the key beside the other holders of `party`. Raises DuplicateKeyError while anyone else has it."""
        free_or_shared = [{"until": {"$lt": now}}, {"owner": holder}, {"party": party}]
        hold = {
            "holders": {"$cond": [{"$gte": ["$until", now]}, {"$setUnion": [HOLDERS, [holder]]}, [holder]]},
            "until": {"$max": ["$until", until]},
            "party": party,
            "reason": reason,
        }
        held, joined = {"key": hold_key, "$or": free_or_shared}, _shared(hold)
        try:
            await self._holds.update_one(held, joined, upsert=True)
        except DuplicateKeyError:
            # MongoDB does not repeat an upsert that lost to another insert; by now there is a hold to join, or not.
            await self._holds.update_one(held, joined, upsert=True)

    async def force_reserve(
        self, hold_key: str, *, holder: str, until: datetime, reason: str, tx: AsyncClientSession, **facts: object
    ) -> None:
        """Hold the key whatever its holder, in the transaction of the change that gives it up. `facts`: more fields."""
        hold = {"key": hold_key, "owner": holder, "until": until, "reason": reason, **facts}
        await self._holds.replace_one({"key": hold_key}, hold, upsert=True, session=tx)

    async def release(self, hold_key: str, *, holder: str, tx: AsyncClientSession | None = None) -> None:
        """Delete the hold, if `holder` has it."""
        await self._holds.delete_one({"key": hold_key, "owner": holder}, session=tx)

    async def release_all(self, hold_keys: Sequence[str], *, holder: str) -> None:
        """Delete those of the holds that `holder` has."""
        await self._holds.delete_many({"key": {"$in": list(hold_keys)}, "owner": holder})

    async def end(self, hold_key: str, *, holder: str, tx: AsyncClientSession | None = None) -> bool:
        """Delete the hold, if `holder` is the only one that has it. Returns whether it was."""
        sole = {"key": hold_key, "owner": holder, "holders": {"$in": [None, [holder]]}}
        return (await self._holds.delete_one(sole, session=tx)).deleted_count == 1

    async def leave(self, hold_key: str, *, holder: str) -> None:
        """Withdraw this holder; the hold ends with its last one."""
        if await self.end(hold_key, holder=holder):
            return
        mine = {"key": hold_key, "$or": [{"owner": holder}, {"holders": holder}]}
        await self._holds.update_one(mine, _shared({"holders": {"$setDifference": [HOLDERS, [holder]]}}))
        await self._holds.delete_one({"key": hold_key, "holders": []})

    async def find(self, hold_key: str, now: datetime, tx: AsyncClientSession | None = None) -> Document | None:
        """Return the document of the hold; None when the key is free."""
        return await self._holds.find_one({"key": hold_key, "until": {"$gte": now}}, session=tx)

    async def count_held(self, hold_keys: Sequence[str], now: datetime, *, except_holder: str) -> int:
        """Return how many of the keys others hold at this time."""
        held = {"key": {"$in": list(hold_keys)}, "until": {"$gte": now}, "owner": {"$ne": except_holder}}
        return await self._holds.count_documents(held)

    async def find_holder(self, hold_key: str, now: datetime, tx: AsyncClientSession | None = None) -> str | None:
        """Return the holder, of several the first; None when the key is free."""
        hold = await self.find(hold_key, now, tx)
        return str(hold["owner"]) if hold else None


def _shared(hold: Document) -> Sequence[Document]:
    """Return the update that sets these fields of a hold with several holders, and its owner to the first of them."""
    return [{"$set": hold}, {"$set": {"owner": {"$first": "$holders"}}}]
