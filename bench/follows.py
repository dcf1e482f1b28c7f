"""Follows over HTTP, beside the bare edge; both with the same pause before each, as for a single user."""

import statistics
from collections.abc import Sequence
from itertools import permutations

from bench.bench import Bench
from bench.figure import Figure, Limit, at_most, at_most_times
from bench.floors import bare_follow
from bench.raw_http_client import RawHttpClient
from bench.timing import Call, spaced
from bench.visitors import Visitor, follow, make_visitors

PAUSE_SECONDS = 0.25
"""By then the notification of the follow before is stored and sent."""
CROWD = 12
BARE = "the edge alone, by the same driver, spaced alike"


async def measure(bench: Bench) -> list[Figure]:
    """Measure the answer to a follow on an idle stack, then what a follow costs all processes."""
    return [await _answered(bench), await _whole(bench)]


async def _answered(bench: Bench) -> Figure:
    """Alternate ours and the bare edge, each between another pair of the same crowd."""
    people, http, rounds = await make_visitors(bench.resources, CROWD), RawHttpClient(bench.url), bench.rounds(60, 15)
    pairs = list(permutations(people, 2))
    ours = [_following(http, *pair) for pair in pairs[:rounds]]
    bare = [bare_follow(bench.resources, one.user_id, other.user_id) for one, other in pairs[-rounds:]]
    calls = [call for both in zip(bare, ours, strict=True) for call in both]
    taken = await spaced(calls, seconds=PAUSE_SECONDS)
    return Figure(
        what="follow answered, idle, p50",
        ours=_middle(taken[1::2]),
        unit="ms",
        limit=Limit(BARE, _middle(taken[::2])),
        want=at_most_times(1.4),
        because="round trips on cold processors: limits in Redis, both accounts in MongoDB, the edge in Neo4j.",
    )


async def _whole(bench: Bench) -> Figure:
    """Follow, each time a different user by a different user."""
    count = bench.rounds(120, 20)
    people, http = await make_visitors(bench.resources, 4 * count), RawHttpClient(bench.url)
    pairs = list(zip(people[::2], people[1::2], strict=True))
    bare = [bare_follow(bench.resources, one.user_id, other.user_id) for one, other in pairs[:count]]
    ours = [_following(http, *pair) for pair in pairs[count:]]
    limit = await bench.meter.spent(count, spaced(bare, seconds=PAUSE_SECONDS), with_client=True)
    spent = await bench.meter.spent(count, spaced(ours, seconds=PAUSE_SECONDS))
    return Figure(
        what="follow of different people, 250 ms apart, CPU of all",
        ours=spent.total,
        unit="ms",
        limit=Limit(BARE, limit.total),
        want=at_most(40),
        split=spent.split,
        because="the workflow task that stores the notification; Neo4j finds and closes the intent, besides the edge.",
    )


def _following(http: RawHttpClient, one: Visitor, other: Visitor) -> Call:
    request = follow(one, other)
    return lambda: request(http)


def _middle(taken: Sequence[float]) -> float:
    """Return the median without the first quarter, which warms up."""
    return statistics.median(taken[len(taken) // 4 :])
