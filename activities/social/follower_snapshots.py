"""Takes the day of a page of people: one statement to the graph, a few queries and bulk writes to MongoDB.

Who has the day already is passed over, and each person's is written whole: cut off anywhere, the next try goes on.
Ids go from store to store and never through a history.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.social.large_follower_snapshots import LargeFollowerSnapshots
from domain.social import follower_snapshots as rules
from domain.social.follower_snapshots import (
    FollowerCounts,
    FollowerDiff,
    FollowerList,
    SnapshotRun,
    SnapshotWithIds,
    UnreadableSnapshot,
    build_follower_list,
    diff_followers,
    group_by_size,
    is_id,
)

if TYPE_CHECKING:
    from adapters.mongo.social.follower_snapshots import FollowerSnapshotStore
    from adapters.mongo.social.snapshot_mentions import SnapshotMentions
    from adapters.neo4j.social.followers import FollowerStore, UserFollowersPage

USERS_PER_PAGE = 250
"""To make their documents holds up everything else in the process; it has its turn in between."""
MAX_PAGES_PER_ATTEMPT = 20
NO_CHANGES = FollowerDiff()


@dataclass(frozen=True)
class SnapshotPage:
    """People whose ids follow `after`. `day` as 2026-01-31: it stays that, however late this is done."""

    day: str
    at: datetime
    after: str


@dataclass(frozen=True)
class PagesDone:
    """Of one page or a few. `last` is the id behind which the next begins; None when everybody is done."""

    people: int
    last: str | None
    unreadable: tuple[str, ...] = ()


class FollowerSnapshotActivities:
    def __init__(
        self, followers: "FollowerStore", snapshots: "FollowerSnapshotStore", mentions: "SnapshotMentions"
    ) -> None:
        self._followers = followers
        self._snapshots = snapshots
        self._mentions = mentions
        self._large = LargeFollowerSnapshots(followers, snapshots, mentions)

    @activity.defn(name="follower_snapshots.take")
    async def snapshot_pages(self, command: SnapshotPage) -> PagesDone:
        """The day of the next people. Who cannot be read is named, and stops nobody."""
        done = PagesDone(0, command.after)
        async with aclosing(self._pages(command.after)) as pages:
            async for page in pages:
                more = await self._snapshot_page(page, date.fromisoformat(command.day), command.at)
                done = PagesDone(done.people + more.people, more.last, done.unreadable + more.unreadable)
        return done

    async def _pages(self, after: str) -> AsyncGenerator["UserFollowersPage", None]:
        """At most MAX_PAGES_PER_ATTEMPT pages of users behind `after`; each is read while the one before is worked on.

        Ends with the last page, or with one that ends in a person whose followers are too many to be read with it:
        they are work enough for one try.
        """
        reading = asyncio.create_task(self._read(after))
        try:
            for number in range(1, MAX_PAGES_PER_ATTEMPT + 1):
                page = await reading
                is_final = number == MAX_PAGES_PER_ATTEMPT or page.is_last or page.people[-1].follower_ids is None
                if not is_final:
                    reading = asyncio.create_task(self._read(page.people[-1].user_id))
                yield page
                if is_final:
                    return
        finally:
            reading.cancel()

    async def _read(self, after: str) -> "UserFollowersPage":
        return await self._followers.page_users(after, limit=USERS_PER_PAGE, max_followers=rules.MAX_IDS_PER_SLICE)

    async def _snapshot_page(self, page: "UserFollowersPage", day: date, at: datetime) -> PagesDone:
        people = {person.user_id: person.follower_ids for person in page.people if is_id(person.user_id)}
        unreadable = {person.user_id for person in page.people} - people.keys()
        for user_id in await self._snapshots.find_taken(list(people), day):
            del people[user_id]
        earlier = await self._snapshots.find_previous(list(people), before=day)
        run = SnapshotRun(day, at, earlier.by_user)
        readable = {user_id: ids for user_id, ids in people.items() if user_id not in earlier.unreadable}
        few = {key: ids for key, ids in readable.items() if ids is not None and not run.was_large(key)}
        unreadable |= earlier.unreadable | await self._snapshot_small(few, run)
        unreadable |= await self._snapshot_large([key for key in readable if key not in few], run)
        last = None if page.is_last else page.people[-1].user_id
        return PagesDone(len(people.keys() - unreadable), last, tuple(sorted(unreadable)))

    async def _snapshot_small(self, people: Mapping[str, Sequence[str]], run: SnapshotRun) -> set[str]:
        """Returns who is unreadable."""
        now, unreadable = _follower_lists(people)
        differing = {
            user_id: last
            for user_id, last in run.previous.items()
            if user_id in now and last.fingerprint != now[user_id].fingerprint
        }
        changed: dict[str, FollowerDiff] = {}
        for group in group_by_size(differing):
            lists = await self._snapshots.read_followers(group)
            unreadable |= lists.unreadable
            changed |= {key: diff_followers(lists.followers[key], now[key].ids) for key in group}
        readable = [user_id for user_id in now if user_id not in unreadable]
        kept = await self._mentions.without_erased(changed)
        await self._snapshots.write([_with_ids(key, now[key], changed, kept, run) for key in readable])
        return unreadable

    async def _snapshot_large(self, user_ids: Sequence[str], run: SnapshotRun) -> set[str]:
        """Returns who is unreadable."""
        unreadable = set[str]()
        for user_id in user_ids:
            try:
                await self._large.snapshot(user_id, run)
            except UnreadableSnapshot:
                unreadable.add(user_id)
        return unreadable


def _follower_lists(people: Mapping[str, Sequence[str]]) -> tuple[dict[str, FollowerList], set[str]]:
    now, unreadable = dict[str, FollowerList](), set[str]()
    for user_id, ids in people.items():
        try:
            now[user_id] = build_follower_list(ids)
        except UnreadableSnapshot:
            unreadable.add(user_id)
    return now, unreadable


def _with_ids(
    user_id: str,
    now: FollowerList,
    changed: Mapping[str, FollowerDiff],
    kept: Mapping[str, FollowerDiff],
    run: SnapshotRun,
) -> SnapshotWithIds:
    """`kept` is what is written of the changes, all of which count."""
    difference = changed.get(user_id, NO_CHANGES)
    counts = FollowerCounts(len(now.ids), len(difference.came), len(difference.left))
    full = now.ids if run.is_full_due(user_id) else ()
    return SnapshotWithIds(run.build_snapshot(user_id, counts, now.fingerprint), kept.get(user_id, NO_CHANGES), full)
