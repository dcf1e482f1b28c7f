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

from activities.social.large_follower_snapshots import FamousFollowers
from domain.social import follower_snapshots as rules
from domain.social.follower_snapshots import (
    Counts,
    Difference,
    Listed,
    Occasion,
    Taken,
    Unreadable,
    difference_of,
    groups,
    is_id,
    listed,
)

if TYPE_CHECKING:
    from adapters.mongo.social.follower_snapshots import FollowerSnapshotStore
    from adapters.mongo.social.snapshot_mentions import FollowerTraces
    from adapters.neo4j.social.followers import FollowedPage, FollowerStore

PEOPLE = 250
"""To make their documents holds up everything else in the process; it has its turn in between."""
PAGES_A_TRY = 20
NOBODY = Difference()


@dataclass(frozen=True)
class TakePage:
    """People whose ids follow `after`. `day` as 2026-01-31: it stays that, however late this is done."""

    day: str
    at: datetime
    after: str


@dataclass(frozen=True)
class PageTaken:
    """Of one page or a few. `last` is the id behind which the next begins; None when everybody is done."""

    people: int
    last: str | None
    unreadable: tuple[str, ...] = ()


class FollowerSnapshotActivities:
    def __init__(
        self, followers: "FollowerStore", snapshots: "FollowerSnapshotStore", traces: "FollowerTraces"
    ) -> None:
        self._followers = followers
        self._snapshots = snapshots
        self._traces = traces
        self._famous = FamousFollowers(followers, snapshots, traces)

    @activity.defn(name="follower_snapshots.take")
    async def take(self, ask: TakePage) -> PageTaken:
        """The day of the next people. Who cannot be read is named, and stops nobody."""
        done = PageTaken(0, ask.after)
        async with aclosing(self._pages(ask.after)) as pages:
            async for page in pages:
                more = await self._take(page, date.fromisoformat(ask.day), ask.at)
                done = PageTaken(done.people + more.people, more.last, done.unreadable + more.unreadable)
        return done

    async def _pages(self, after: str) -> AsyncGenerator["FollowedPage", None]:
        """At most PAGES_A_TRY pages of people behind `after`; each is read while the one before it is worked on.

        Ends with the last page, or with one that ends in a person whose followers are too many to be read with it:
        they are work enough for one try.
        """
        reading = asyncio.create_task(self._read(after))
        try:
            for number in range(1, PAGES_A_TRY + 1):
                page = await reading
                is_final = number == PAGES_A_TRY or page.is_last or page.people[-1].follower_ids is None
                if not is_final:
                    reading = asyncio.create_task(self._read(page.people[-1].user_id))
                yield page
                if is_final:
                    return
        finally:
            reading.cancel()

    async def _read(self, after: str) -> "FollowedPage":
        return await self._followers.of_many(after, people=PEOPLE, most=rules.CHUNK)

    async def _take(self, page: "FollowedPage", day: date, at: datetime) -> PageTaken:
        people = {person.user_id: person.follower_ids for person in page.people if is_id(person.user_id)}
        unreadable = {person.user_id for person in page.people} - people.keys()
        for user_id in await self._snapshots.taken(list(people), day):
            del people[user_id]
        earlier = await self._snapshots.earlier(list(people), before=day)
        occasion = Occasion(day, at, earlier.last)
        readable = {user_id: ids for user_id, ids in people.items() if user_id not in earlier.unreadable}
        few = {key: ids for key, ids in readable.items() if ids is not None and not occasion.was_famous(key)}
        unreadable |= earlier.unreadable | await self._take_few(few, occasion)
        unreadable |= await self._take_famous([key for key in readable if key not in few], occasion)
        last = None if page.is_last else page.people[-1].user_id
        return PageTaken(len(people.keys() - unreadable), last, tuple(sorted(unreadable)))

    async def _take_few(self, people: Mapping[str, Sequence[str]], occasion: Occasion) -> set[str]:
        """Returns who is unreadable."""
        now, unreadable = _listed(people)
        differing = {
            user_id: last
            for user_id, last in occasion.last.items()
            if user_id in now and last.fingerprint != now[user_id].fingerprint
        }
        changed: dict[str, Difference] = {}
        for group in groups(differing):
            lists = await self._snapshots.lists(group)
            unreadable |= lists.unreadable
            changed |= {key: difference_of(lists.followers[key], now[key].ids) for key in group}
        readable = [user_id for user_id in now if user_id not in unreadable]
        kept = await self._traces.without_erased(changed)
        await self._snapshots.write([_taken(key, now[key], changed, kept, occasion) for key in readable])
        return unreadable

    async def _take_famous(self, user_ids: Sequence[str], occasion: Occasion) -> set[str]:
        """Returns who is unreadable."""
        unreadable = set[str]()
        for user_id in user_ids:
            try:
                await self._famous.take(user_id, occasion)
            except Unreadable:
                unreadable.add(user_id)
        return unreadable


def _listed(people: Mapping[str, Sequence[str]]) -> tuple[dict[str, Listed], set[str]]:
    now, unreadable = dict[str, Listed](), set[str]()
    for user_id, ids in people.items():
        try:
            now[user_id] = listed(ids)
        except Unreadable:
            unreadable.add(user_id)
    return now, unreadable


def _taken(
    user_id: str,
    now: Listed,
    changed: Mapping[str, Difference],
    kept: Mapping[str, Difference],
    occasion: Occasion,
) -> Taken:
    """`kept` is what is written of the changes, all of which count."""
    difference = changed.get(user_id, NOBODY)
    counts = Counts(len(now.ids), len(difference.came), len(difference.left))
    full = now.ids if occasion.is_full_due(user_id) else ()
    return Taken(occasion.day_of(user_id, counts, now.fingerprint), kept.get(user_id, NOBODY), full)
