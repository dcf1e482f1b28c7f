"""Takes the follower snapshots of a page of users: one graph statement, a few queries and bulk writes to MongoDB.

Users who have the day's snapshot are skipped, and each snapshot is written whole: after an interruption the next
attempt continues. User ids of followers never pass through a workflow history.
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
"""Building their documents blocks the event loop; other work runs between two pages."""
MAX_PAGES_PER_ATTEMPT = 20
NO_CHANGES = FollowerDiff()


@dataclass(frozen=True)
class SnapshotPage:
    """Users with ids after `after`. `day`: an ISO date such as 2026-01-31, fixed however late the page is taken."""

    day: str
    at: datetime
    after: str


@dataclass(frozen=True)
class PagesDone:
    """The result of some pages. `people`: snapshots taken; `last`: the id the next page starts after, None at the end;
    `unreadable`: ids of users without a snapshot.
    """

    people: int
    last: str | None
    unreadable: tuple[str, ...] = ()


class FollowerSnapshotActivities:
    """Activities of the FollowerSnapshots workflow."""

    def __init__(
        self, followers: "FollowerStore", snapshots: "FollowerSnapshotStore", mentions: "SnapshotMentions"
    ) -> None:
        self._followers = followers
        self._snapshots = snapshots
        self._mentions = mentions
        self._large = LargeFollowerSnapshots(followers, snapshots, mentions)

    @activity.defn(name="follower_snapshots.take")
    async def snapshot_pages(self, command: SnapshotPage) -> PagesDone:
        """Take the snapshots of the next pages of users. An unreadable user is listed and does not stop the others."""
        done = PagesDone(0, command.after)
        async with aclosing(self._pages(command.after)) as pages:
            async for page in pages:
                more = await self._snapshot_page(page, date.fromisoformat(command.day), command.at)
                done = PagesDone(done.people + more.people, more.last, done.unreadable + more.unreadable)
        return done

    async def _pages(self, after: str) -> AsyncGenerator["UserFollowersPage", None]:
        """Yield up to MAX_PAGES_PER_ATTEMPT pages of users after `after`; each is read while the previous is handled.

        Ends with the last page, or with one whose last user has too many followers to be read with the page:
        that user is enough work for one attempt.
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
        """Take the snapshots of users whose followers fit in memory together. Returns the unreadable user ids."""
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
        """Take the snapshots of users with many followers, one by one. Returns the unreadable user ids."""
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
    """Return one user's snapshot. `changed`: what is counted; `kept`: what is stored, without erased accounts."""
    difference = changed.get(user_id, NO_CHANGES)
    counts = FollowerCounts(len(now.ids), len(difference.came), len(difference.left))
    full = now.ids if run.is_full_due(user_id) else ()
    return SnapshotWithIds(run.build_snapshot(user_id, counts, now.fingerprint), kept.get(user_id, NO_CHANGES), full)
