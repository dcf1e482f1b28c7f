"""How the followers of one person grew, as the snapshots tell it: a point a day, and who came and left."""

from collections.abc import Sequence
from datetime import date, timedelta

from bson import ObjectId

from adapters.mongo.client import Database, Document
from adapters.mongo.social.snapshot_documents import ids_of, midnight, whole_days
from domain.social.follower_growth import Growth, Point
from domain.social.follower_snapshots import Difference

A_DAY = timedelta(days=1)
IN_ORDER = [("day", 1), ("chunk", 1)]
POINT = dict.fromkeys(("day", "at", "followers_number", "gained", "lost"), 1)
CHANGES = dict.fromkeys(("user_id", "day", "chunk", "chunks", "came", "left"), 1)


class FollowerGrowth:
    def __init__(self, database: Database) -> None:
        self._snapshots = database["follower_snapshots"]

    async def points(self, user_id: str, since: date, until: date) -> Sequence[Point]:
        """The days from one to the other, oldest first."""
        found = self._snapshots.find(_days(user_id, since, until) | {"chunk": 0}, POINT)
        return [_point(document) async for document in found.sort("day", 1)]

    async def between(self, user_id: str, since: date, until: date) -> Growth:
        """What became of the followers from the end of the one day to the end of the other."""
        earlier = {"user_id": ObjectId(user_id), "day": {"$lte": midnight(since)}, "chunk": 0}
        base = await self._snapshots.find_one(earlier, POINT, sort=[("day", -1)])
        points = await self.points(user_id, since + A_DAY, until)
        return Growth(since, until, _point(base) if base else None, points)

    async def differences(self, user_id: str, since: date, until: date) -> Sequence[Difference]:
        """Who came and left after the one day up to the other, oldest first."""
        found = self._snapshots.find(_days(user_id, since + A_DAY, until), CHANGES).sort(IN_ORDER)
        return [Difference(ids_of(document, "came"), ids_of(document, "left")) async for document in whole_days(found)]


def _days(user_id: str, since: date, until: date) -> Document:
    return {"user_id": ObjectId(user_id), "day": {"$gte": midnight(since), "$lte": midnight(until)}}


def _point(document: Document) -> Point:
    return Point(
        day=document["day"].date(),
        at=document["at"],
        followers_number=document["followers_number"],
        gained=document["gained"],
        lost=document["lost"],
    )
