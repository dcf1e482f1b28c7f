"""Mentions of one user in the snapshots of others, as a follower who came, left or was listed: found and removed.

A full list has no index on its members. But each member has either left since, so that a later day names them, or
still follows, so that the graph does.
"""

from collections.abc import Mapping, Sequence
from itertools import chain

from bson import ObjectId

from adapters.mongo.client import Database, Document
from adapters.mongo.social.snapshot_documents import object_ids
from domain.social.follower_snapshots import FollowerDiff


class SnapshotMentions:
    """Removes an erased user from the snapshots of other users."""

    def __init__(self, database: Database) -> None:
        self._snapshots = database["follower_snapshots"]
        self._tombstones = database["tombstones"]

    async def erase(self, follower_id: str, *, limit: int) -> int:
        """Remove a follower from up to `limit` days on which they came or left, and from the same users' full lists.

        Returns how many days; 0 when none is left.
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
        """Remove a follower from the full lists of these users."""
        await self._take_out_of_lists(ObjectId(follower_id), object_ids(user_ids))

    async def without_erased(self, changed: Mapping[str, FollowerDiff]) -> Mapping[str, FollowerDiff]:
        """Return the same differences by user, without followers who left by being erased.

        An earlier full list still names such a follower if no snapshot was taken between; it is removed there as well.
        """
        left = set(chain.from_iterable(difference.left for difference in changed.values()))
        query = {"_id": {"$in": object_ids(left)}}
        erased = {str(each["_id"]) async for each in self._tombstones.find(query, {"_id": 1})} if left else set[str]()
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
