"""Who has a role or a permission: how many accounts have a role, and whether one has it by a grant."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Database, Document
from domain.users.grants import GrantKind
from domain.users.users import Role

FEW = [role for role in Role if role is not Role.USER]
"""The roles that few accounts have. An index has these accounts, and all others are users."""


class RoleHolders:
    """Counts holders of roles."""

    def __init__(self, database: Database) -> None:
        self._users = database["users"]

    async def count(self, names: Sequence[str], now: datetime) -> Mapping[str, int]:
        """Return how many accounts have each of these roles at `now`, active or not.

        The one of most, user, is estimated.
        """
        by_role = await self._count({"$match": {"role": {"$in": FEW}}}, {"$group": _counted("$role")})
        by_role[Role.USER] = await self._users.estimated_document_count() - by_role.total()
        by_grant = await self._count(
            {"$match": _granting(GrantKind.ROLE, names, now)},
            {"$unwind": "$grants"},
            # As arrays of one, so that what is counted is what the query above says.
            {"$set": {"grants": ["$grants"], "granted": "$grants.name"}},
            {"$match": _granting(GrantKind.ROLE, names, now)},
            {"$group": {"_id": {"user": "$_id", "name": "$granted"}}},
            {"$group": _counted("$_id.name")},
        )
        return by_role + by_grant

    async def _count(self, *stages: Document) -> Counter[str]:
        cursor = await self._users.aggregate(list(stages))
        return Counter({row["_id"]: row["count"] async for row in cursor})


async def is_granted(database: Database, kind: GrantKind, name: str, now: datetime, tx: AsyncClientSession) -> bool:
    """Whether an account has this role or permission by a grant that counts at `now`."""
    holders = _granting(kind, [name], now)
    return await database["users"].find_one(holders, {"_id": 1}, session=tx) is not None


def _granting(kind: GrantKind, names: Sequence[str], now: datetime) -> Document:
    """Return the query for accounts with a grant of one of these that counts at `now`.

    One that has run out stays in the account until it is removed.
    """
    counts = [{"until": None}, {"until": {"$gt": now}}]
    return {"grants": {"$elemMatch": {"kind": kind, "name": {"$in": list(names)}, "$or": counts}}}


def _counted(field: str) -> Document:
    return {"_id": field, "count": {"$sum": 1}}
