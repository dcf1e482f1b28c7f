"""How the followers of one user grew, according to the snapshots: one point a day, and who came and left."""

from collections.abc import Sequence
from datetime import date, timedelta

from bson import ObjectId

from adapters.mongo.client import Database, Document
from adapters.mongo.social.snapshot_documents import finished_days, ids_in_range
from domain.moments import midnight
from domain.social.follower_growth import Growth, GrowthPoint
from domain.social.follower_snapshots import FollowerDiff

ONE_DAY = timedelta(days=1)
BY_DAY_AND_CHUNK = [("day", 1), ("chunk", 1)]
POINT_FIELDS = dict.fromkeys(("day", "at", "followers_number", "gained", "lost"), 1)
CHANGE_FIELDS = dict.fromkeys(("user_id", "day", "chunk", "chunks", "came", "left"), 1)


class FollowerGrowthStore:
    """Reads growth from daily snapshots. Days without a snapshot are left out."""

    def __init__(self, database: Database) -> None:
        self._snapshots = database["follower_snapshots"]

    async def list_points(self, user_id: str, since: date, until: date) -> Sequence[GrowthPoint]:
        """Return the points of the days from `since` to `until`, both included, oldest first."""
        found = self._snapshots.find(_days(user_id, since, until) | {"chunk": 0}, POINT_FIELDS)
        return [_point(document) async for document in found.sort("day", 1)]

    async def find_growth(self, user_id: str, since: date, until: date) -> Growth:
        """Return the growth from the end of day `since` to the end of day `until`.

        Its base is the latest point up to `since`; None when there is none.
        """
        earlier = {"user_id": ObjectId(user_id), "day": {"$lte": midnight(since)}, "chunk": 0}
        base = await self._snapshots.find_one(earlier, POINT_FIELDS, sort=[("day", -1)])
        points = await self.list_points(user_id, since + ONE_DAY, until)
        return Growth(since, until, _point(base) if base else None, points)

    async def list_diffs(self, user_id: str, since: date, until: date) -> Sequence[FollowerDiff]:
        """Return who came and left after day `since` up to `until`, oldest first. Raises UnreadableSnapshot."""
        found = self._snapshots.find(_days(user_id, since + ONE_DAY, until), CHANGE_FIELDS).sort(BY_DAY_AND_CHUNK)
        return [
            FollowerDiff(ids_in_range(document, "came"), ids_in_range(document, "left"))
            async for document in finished_days(found)
        ]


def _days(user_id: str, since: date, until: date) -> Document:
    return {"user_id": ObjectId(user_id), "day": {"$gte": midnight(since), "$lte": midnight(until)}}


def _point(document: Document) -> GrowthPoint:
    return GrowthPoint(
        day=document["day"].date(),
        at=document["at"],
        followers_number=document["followers_number"],
        gained=document["gained"],
        lost=document["lost"],
    )
