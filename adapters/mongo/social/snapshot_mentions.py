"""Where somebody stands in the snapshots of others, as one who came, left or was there: found, and taken out.

A whole list bears no index of whom it holds. But whoever is in one has left since, so that a later day says it, or
follows still, so that the graph does.
"""

from collections.abc import Mapping, Sequence
from itertools import chain

from bson import ObjectId

from adapters.mongo.client import Database, Document
from adapters.mongo.social.snapshot_documents import object_ids
from domain.social.follower_snapshots import FollowerDiff


class SnapshotMentions:
    def __init__(self, database: Database) -> None:
        self._snapshots = database["follower_snapshots"]
        self._tombstones = database["tombstones"]

    async def erase(self, follower_id: str, *, limit: int) -> int:
        """Take somebody out of up to so many days on which they came or left, and of the whole lists of the same
        people. Returns how many days; 0 when none is left.
        """
        follower = ObjectId(follower_id)
        found: list[Document] = []
        for name in ("came", "left"):
            days = self._snapshots.find({name: follower}, {"user_id": 1}).limit(limit - len(found))
            found += await days.to_list() if len(found) < limit else []
        if not found:
            return 0
        await self._take_out_of_lists(follower, [each["user_id"] for each in found])
        days_found = {"_id": {"$in": [each["_id"] for each in found]}}
        await self._snapshots.update_many(days_found, {"$pull": {"came": follower, "left": follower}})
        return len(found)

    async def remove_from_lists(self, follower_id: str, *, user_ids: Sequence[str]) -> None:
        """Take somebody out of the whole lists of these people."""
        await self._take_out_of_lists(ObjectId(follower_id), object_ids(user_ids))

    async def without_erased(self, changed: Mapping[str, FollowerDiff]) -> Mapping[str, FollowerDiff]:
        """The same differences by person, without those who left by being erased: where an earlier day still knew of
        them nothing has been taken since before they left us, and it forgets them now.
        """
        left = set(chain.from_iterable(difference.left for difference in changed.values()))
        which = {"_id": {"$in": object_ids(left)}}
        erased = {str(each["_id"]) async for each in self._tombstones.find(which, {"_id": 1})} if left else set[str]()
        for follower_id in erased:
            await self.remove_from_lists(
                follower_id, user_ids=[key for key, each in changed.items() if follower_id in each.left]
            )
        return {
            user_id: FollowerDiff(each.came, [other for other in each.left if other not in erased]) if erased else each
            for user_id, each in changed.items()
        }

    async def _take_out_of_lists(self, follower: ObjectId, users: Sequence[ObjectId]) -> None:
        lists = {"user_id": {"$in": list(users)}, "full": {"$exists": True, "$eq": follower}}
        await self._snapshots.update_many(lists, {"$pull": {"full": follower}})
