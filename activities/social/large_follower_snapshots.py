"""Takes the day of somebody whose followers are too many to be held at once: slice by slice, in the order of ids."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.social import follower_snapshots as rules
from domain.social.follower_snapshots import (
    HIGHEST,
    LOWEST,
    Counts,
    Difference,
    Fingerprint,
    LastDay,
    Occasion,
    Part,
    Slice,
    Unreadable,
    difference_of,
)

if TYPE_CHECKING:
    from adapters.mongo.social.follower_snapshots import FollowerSnapshotStore
    from adapters.mongo.social.snapshot_mentions import FollowerTraces
    from adapters.neo4j.social.followers import FollowerStore


@dataclass(frozen=True)
class FamousFollowers:
    """A slice ends where so many ids are read, or where one of the last whole list ends: so neither side is long."""

    followers: "FollowerStore"
    snapshots: "FollowerSnapshotStore"
    traces: "FollowerTraces"

    async def take(self, user_id: str, occasion: Occasion) -> None:
        """The whole day. Until its last write nothing of it counts. Raises Unreadable."""
        last, is_full = occasion.last.get(user_id), occasion.is_full_due(user_id)
        edges = await self.snapshots.edges(user_id, last.full_day) if last else ()
        fingerprint, counts, low, chunks = Fingerprint(), Counts(0), LOWEST, 0
        while low < HIGHEST:
            ids = await self.followers.of_one(user_id, after=low, limit=rules.CHUNK)
            ends = [*ids[rules.CHUNK - 1 :], *(edge for edge in edges if edge > low)]
            within = Slice(low, min(ends, default=HIGHEST))
            now = [follower_id for follower_id in ids if follower_id <= within.high]
            fingerprint.add(now)
            changed = await self._changed(user_id, last, within, now)
            counts += Counts(len(now), len(changed.came), len(changed.left))
            kept = (await self.traces.without_erased({user_id: changed}))[user_id]
            chunks += 1
            part = Part(within, kept, now if is_full else ())
            await self.snapshots.write_slice(user_id, occasion.day, chunks, part)
            low = within.high
        await self.snapshots.finish(occasion.day_of(user_id, counts, fingerprint.digest()), chunks=chunks)

    async def _changed(self, user_id: str, last: LastDay | None, within: Slice, now: list[str]) -> Difference:
        if last is None:
            return Difference()
        lists = await self.snapshots.lists({user_id: last}, within)
        if lists.unreadable:
            raise Unreadable
        return difference_of(lists.followers[user_id], now)
