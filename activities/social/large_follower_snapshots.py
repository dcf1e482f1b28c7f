"""Takes the snapshot of a user with too many followers to hold at once: slice by slice, in the order of ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.social import follower_snapshots as rules
from domain.social.follower_snapshots import (
    MAX_ID,
    MIN_ID,
    Fingerprint,
    FollowerCounts,
    FollowerDiff,
    IdRange,
    PreviousSnapshot,
    SnapshotRun,
    SnapshotSlice,
    UnreadableSnapshot,
    diff_followers,
)

if TYPE_CHECKING:
    from adapters.mongo.social.follower_snapshots import FollowerSnapshotStore
    from adapters.mongo.social.snapshot_mentions import SnapshotMentions
    from adapters.neo4j.social.followers import FollowerStore


@dataclass(frozen=True)
class LargeFollowerSnapshots:
    """A slice ends after MAX_IDS_PER_SLICE ids, or with a chunk of the last full list: both sides stay short."""

    followers: "FollowerStore"
    snapshots: "FollowerSnapshotStore"
    traces: "SnapshotMentions"

    async def snapshot(self, user_id: str, run: SnapshotRun) -> None:
        """Take the user's snapshot of the day. It is valid only after its last write. Raises UnreadableSnapshot."""
        last_day = run.previous.get(user_id)
        edges = await self.snapshots.slice_boundaries(user_id, last_day.full_day) if last_day else ()
        fingerprint, counts, taken_up_to, chunk_number = Fingerprint(), FollowerCounts(0), MIN_ID, 0
        while taken_up_to < MAX_ID:
            within, follower_ids = await self._next_slice(user_id, taken_up_to, edges)
            difference = await self._difference(user_id, last_day, within, follower_ids)
            fingerprint.add(follower_ids)
            counts += FollowerCounts(len(follower_ids), len(difference.came), len(difference.left))
            chunk_number += 1
            await self._write(user_id, run, chunk_number, within, follower_ids, difference)
            taken_up_to = within.high
        day = run.build_snapshot(user_id, counts, fingerprint.digest())
        await self.snapshots.finish(day, chunks=chunk_number)

    async def _next_slice(self, user_id: str, after: str, edges: Sequence[str]) -> tuple[IdRange, list[str]]:
        """Return the slice after `after` and the followers in it. `edges`: the ends of the last full list's chunks."""
        read = await self.followers.page_followers(user_id, after=after, limit=rules.MAX_IDS_PER_SLICE)
        end_of_full_read = read[rules.MAX_IDS_PER_SLICE - 1 :]
        edges_ahead = [edge for edge in edges if edge > after]
        within = IdRange(after, min([*end_of_full_read, *edges_ahead], default=MAX_ID))
        return within, [follower_id for follower_id in read if follower_id <= within.high]

    async def _write(
        self,
        user_id: str,
        occasion: SnapshotRun,
        chunk_number: int,
        within: IdRange,
        follower_ids: list[str],
        difference: FollowerDiff,
    ) -> None:
        """Write one slice: who came and left, without erased accounts; the full list too on a day that keeps one."""
        kept = (await self.traces.without_erased({user_id: difference}))[user_id]
        part = SnapshotSlice(within, kept, follower_ids if occasion.is_full_due(user_id) else ())
        await self.snapshots.write_slice(user_id, occasion.day, chunk_number, part)

    async def _difference(
        self, user_id: str, last: PreviousSnapshot | None, within: IdRange, now: list[str]
    ) -> FollowerDiff:
        """Return who came and who left since the last snapshot; empty without one. Raises UnreadableSnapshot."""
        if last is None:
            return FollowerDiff()
        lists = await self.snapshots.read_followers({user_id: last}, within)
        if lists.unreadable:
            raise UnreadableSnapshot
        return diff_followers(lists.followers[user_id], now)
