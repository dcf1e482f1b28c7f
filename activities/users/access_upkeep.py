"""Remove grants that have run out: they count no more anyway, but take room, and their end belongs in the journal."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

if TYPE_CHECKING:
    from adapters.mongo.users.grants import GrantStore

BATCH_SIZE = 100


@dataclass(frozen=True)
class EndExpiredGrants:
    """`now`: the workflow's clock; grants that ended until then are removed."""

    now: datetime


class AccessUpkeepActivities:
    """Activities of the AccessUpkeep workflow."""

    def __init__(self, grants: "GrantStore") -> None:
        self._grants = grants

    @activity.defn(name="access_upkeep.end_expired_grants")
    async def end_expired_grants(self, command: EndExpiredGrants) -> bool:
        """Remove expired grants of BATCH_SIZE accounts, each with its occurrence. Returns whether there may be more."""
        user_ids = await self._grants.find_expired(command.now, limit=BATCH_SIZE)
        for user_id in user_ids:
            await self._grants.end_expired(user_id, command.now)
        return len(user_ids) == BATCH_SIZE
