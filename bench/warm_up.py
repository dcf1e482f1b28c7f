"""Load before anything is measured. A JVM compiles what it has run some thousand times: until then Neo4j takes four
times as long for a follow, and the product runs for weeks.
"""

from collections.abc import Sequence
from functools import partial

from bench.bench import Bench
from bench.raw_http_client import RawHttpClient
from bench.timing import Request, send_all, spaced
from bench.visitors import Visitor, follow, get, make_visitors

CLIENTS = 8
FOLLOWS, PROFILES = 4, 8
"""Requests of each user."""
PAUSE_SECONDS = 0.05
"""So that the drain stores some follows one by one: in a crowd it runs its statements rarely."""


async def warm_up(bench: Bench) -> None:
    """Send follows and reads of profiles by many users, and wait until the stack is quiet."""
    people = await make_visitors(bench.resources, bench.rounds(1000, 100))
    first, *others = [_follows(people, step) for step in range(1, FOLLOWS + 1)]
    http = RawHttpClient(bench.url)
    await spaced([partial(request, http) for request in first], seconds=PAUSE_SECONDS)
    for requests in others:
        await send_all(bench.url, requests, at_once=CLIENTS)
    await send_all(bench.url, [get("/users/profile/me", one) for one in people * PROFILES], at_once=CLIENTS)
    await bench.meter.settle()


def _follows(people: Sequence[Visitor], step: int) -> list[Request]:
    """Return the requests by which each follows the one who is so many steps before."""
    return [follow(one, people[number - step]) for number, one in enumerate(people)]
