"""Follows over HTTP; lists and suggestions in a graph of realistic size.

`python -m bench.relations [people follows fans]`, against the stack of `make up`: writes a graph, measures, deletes it.
"""

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import httpx

from adapters.neo4j.client import ping, write_one
from adapters.neo4j.social.plan_warm_up import warm_up
from adapters.resources import Resources, open_resources
from bench import graphs
from bench.graphs import LATEST_MS, Plan, person_id
from bench.popular_users import make_callers, make_popular_users
from bench.raw_http_client import RawHttpClient
from bench.seeded_sessions import seed_sessions
from bench.timing import Call, Figure, milliseconds, p50
from config.settings import load_settings
from devstack.stack import Stack
from domain.paging import PageRequest
from domain.social.interests import Interest
from domain.social.suggestions import page_slice
from tests.support.polling import eventually

PLAN = Plan(people=100_000, follows=5_000_000, interests=tuple(Interest))
FOLLOWER_COUNTS = (100, 10_000, 1_000_000)
"""Followers of three users, a hundred times as many each time."""
FOLLOWS = 100
ROUNDS = 100
WARM_UP = 40
CALLER_COUNT = 10
FOLLOWEES = 500
PAGE_MS = 5.0
SUGGESTIONS_MS = 150.0

BASELINE_FOLLOW = """
MATCH (a:User {user_id: $a})
MATCH (b:User {user_id: $b})
CREATE (a)-[:FOLLOWING {from_id: $a, to_id: $b, created_at: $at}]->(b)
"""


async def follow(api: httpx.AsyncClient, resources: Resources) -> list[Figure]:
    """Measure one follow after the other, each of another pair, compared with a transaction of the edge alone."""
    people, wire = await seed_sessions(resources, 20), RawHttpClient(str(api.base_url))
    pairs = list(permutations(people, 2))
    taken = [await _idle(resources, wire, people[one], other) for one, other in pairs[: WARM_UP + FOLLOWS]]
    ours = statistics.median(taken[WARM_UP:])
    bare = await p50([_baseline_follow(resources, *pair) for pair in pairs[-FOLLOWS:]])
    return [_at_most("follow, idle, p50", ours, "the edge alone, by the same driver", bare, want=2.0)]


async def measure(resources: Resources, plan: Plan, follower_counts: Sequence[int] = FOLLOWER_COUNTS) -> list[Figure]:
    """Measure lists and suggestions on the existing graph of `plan`. Adds users, which `graphs.remove` deletes too."""
    driver = resources.clients.neo4j
    popular, after = await make_popular_users(driver, plan.people, follower_counts)
    callers = await make_callers(driver, plan, after, number=CALLER_COUNT, followees=FOLLOWEES)
    await warm_up(driver)
    return [*await _pages(resources, popular, follower_counts, callers[0]), *await _suggestions(resources, callers)]


async def _pages(
    resources: Resources, popular_users: Sequence[int], follower_counts: Sequence[int], caller: int
) -> list[Figure]:
    """Measure a page of each list with all flags, and a bare round trip as the lower bound."""
    calls = [_page(resources, user, caller) for user in popular_users]
    await milliseconds(calls * WARM_UP)
    shortest, *_, longest = [await p50([call] * ROUNDS) for call in calls]
    driver = resources.clients.neo4j
    trip = await p50([lambda: ping(driver)] * ROUNDS)
    what = f"followers page of 20, {follower_counts[-1]} followers, p50"
    return [
        _at_most(what, longest, "promised", PAGE_MS, want=1.0),
        _at_most(what, longest, f"the same of {follower_counts[0]}", shortest, want=1.5),
        Figure("RETURN 1, p50", trip, "that page", longest, "ms", want=1.0, is_at_most=True),
    ]


async def _suggestions(resources: Resources, callers: Sequence[int]) -> list[Figure]:
    """Measure the first page of suggestions, including their computation."""
    calls = [_beginning(resources, caller) for caller in callers]
    await milliseconds(calls)
    taken = await milliseconds(calls * (ROUNDS // len(calls)))
    p95 = statistics.quantiles(taken, n=20)[-1]
    return [_at_most(f"suggestions, {FOLLOWEES} followees, p95", p95, "promised", SUGGESTIONS_MS, want=1.0)]


async def _idle(resources: Resources, http: RawHttpClient, token: str, other: str) -> float:
    """Return the milliseconds of a follow, once the followee is notified, so that the system is idle again."""
    before = await resources.notifications.inboxes.find_last_seqs([other])
    (taken,) = await milliseconds([lambda: http.post("/relationship/follow/following", {"user_id_to": other}, token)])

    async def is_notified() -> bool:
        return await resources.notifications.inboxes.find_last_seqs([other]) != before

    await eventually(is_notified)
    return taken


def _baseline_follow(resources: Resources, one: str, other: str) -> Call:
    return lambda: write_one(resources.clients.neo4j, BASELINE_FOLLOW, a=one, b=other, at=LATEST_MS)


def _page(resources: Resources, popular: int, caller: int) -> Call:
    lists, window = resources.social.lists, PageRequest(20)
    return lambda: lists.list_followers(person_id(popular), caller_id=person_id(caller), page_request=window)


def _beginning(resources: Resources, caller: int) -> Call:
    suggestions, user_id = resources.social.suggestions, person_id(caller)

    async def begin() -> None:
        now = datetime.now(UTC)
        run = await suggestions.suggest(user_id, now)
        await suggestions.read_slice(user_id, run, page_slice(page=0, limit=20), now)

    return begin


def _at_most(what: str, ours: float, limit_is: str, limit: float, *, want: float) -> Figure:
    return Figure(what, ours, limit_is, limit, "ms", want, is_at_most=True)


async def _run(plan: Plan, follower_counts: Sequence[int]) -> Sequence[Figure]:
    async with open_resources(load_settings(), service="worker") as resources:
        try:
            await graphs.load(resources.clients.neo4j, plan)
            return await measure(resources, plan, follower_counts)
        finally:
            await graphs.remove(resources.clients.neo4j)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.relations", description=__doc__)
    parser.add_argument("--run", type=Path, default=Path(".run"), help="the run folder (default: .run)")
    parser.add_argument("people", nargs="?", type=int, default=PLAN.people)
    parser.add_argument("follows", nargs="?", type=int, default=PLAN.follows)
    parser.add_argument("fans", nargs="*", type=int, default=FOLLOWER_COUNTS)
    chosen = parser.parse_args()
    os.environ.update(Stack(chosen.run).environment())
    plan = Plan(chosen.people, chosen.follows, PLAN.interests)
    figures = asyncio.run(_run(plan, tuple(chosen.fans)))
    for figure in figures:
        line = f"{figure.what}: {figure.ours:.1f} {figure.unit}; {figure.limit_is}: {figure.limit:.1f} {figure.unit}"
        sys.stdout.write(f"{line}; {figure.ratio:.2f}, wanted {figure.want}\n")
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
