"""Lists and suggestions in a graph of realistic size.

`python -m bench.relations [people follows fans]`, against the stack of `make up`: writes a graph, measures, deletes it.
"""

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from adapters.neo4j.client import ping
from adapters.neo4j.social.plan_warm_up import warm_up
from adapters.resources import Resources, open_resources
from bench import graphs
from bench.figure import Figure, Limit, at_most, at_most_times
from bench.graphs import Plan, person_id
from bench.popular_users import make_callers, make_popular_users
from bench.report import plain_row
from bench.timing import Call, milliseconds, p50
from config.settings import load_settings
from devstack.stack import Stack
from domain.paging import PageRequest
from domain.social.interests import Interest
from domain.social.suggestions import page_slice

PLAN = Plan(people=100_000, follows=5_000_000, interests=tuple(Interest))
FOLLOWER_COUNTS = (100, 10_000, 1_000_000)
"""Followers of three users, a hundred times as many each time."""
ROUNDS = 100
WARM_UP = 40
CALLER_COUNT = 10
FOLLOWEES = 500
PAGE_MS = 5.0
SUGGESTIONS_MS = 150.0


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
    return [
        Figure(
            what=f"followers page of 20, {follower_counts[-1]} followers, p50",
            ours=longest,
            unit="ms",
            limit=Limit("RETURN 1 by the same driver", trip),
            want=at_most(PAGE_MS),
            because="one statement with the flags of twenty people; a third of it is the driver's bare round trip.",
        ),
        Figure(
            what=f"followers page of 20, {follower_counts[-1]} followers, beside one of {follower_counts[0]}",
            ours=longest,
            unit="ms",
            limit=Limit(f"a page of {follower_counts[0]} followers", shortest),
            want=at_most_times(1.5),
            because="the index gives the newest edges in order, so only the page is read, whatever the number.",
        ),
    ]


async def _suggestions(resources: Resources, callers: Sequence[int]) -> list[Figure]:
    """Measure the first page of suggestions, including their computation."""
    calls = [_beginning(resources, caller) for caller in callers]
    await milliseconds(calls)
    taken = await milliseconds(calls * (ROUNDS // len(calls)))
    p95 = statistics.quantiles(taken, n=20)[-1]
    return [
        Figure(
            what=f"suggestions, {FOLLOWEES} followees, p95",
            ours=p95,
            unit="ms",
            want=at_most(SUGGESTIONS_MS),
            because="Neo4j walks from the followees to theirs: tens of thousands of edges for each list.",
        )
    ]


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
    sys.stdout.writelines(f"{plain_row(figure)}\n" for figure in figures)
    return 0 if all(figure.is_met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
