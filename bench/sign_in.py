"""Sign-in on a trusted device by different people, beside the password pool alone; and a refresh meanwhile."""

import asyncio
import statistics
from collections.abc import Sequence

from bench.bench import Bench
from bench.figure import Figure, Limit, at_least_times, at_most, at_most_times
from bench.floors import HashCost, one_hash
from bench.raw_http_client import RawHttpClient
from bench.sessions import Refreshing
from bench.timing import Request, milliseconds, send_all
from bench.visitors import Visitor, make_visitors

AT_ONCE = 8
WARM_UP_SECONDS = 0.3


async def measure(bench: Bench) -> list[Figure]:
    """Measure sign-ins, each by a different user, between two halves of bare hashing."""
    count = bench.rounds(200, 48)
    people = await make_visitors(bench.resources, count)
    first = await one_hash(bench)
    logins = send_all(bench.url, [_signing_in(someone) for someone in people], at_once=AT_ONCE)
    spent = await bench.meter.spent(count, logins)
    hashing = _mean(first, await one_hash(bench))
    floor = Limit("one Argon2id under the same load", hashing.cpu_ms)
    because = "Argon2id; the rest is the transaction of session, event and notification."
    return [
        Figure(
            what="sign-in on a trusted device, different people, CPU of all",
            ours=spent.total,
            unit="ms",
            limit=floor,
            want=at_most(32),
            split=spent.split,
            because=because,
        ),
        Figure(
            what="sign-in on a trusted device, beside one Argon2id",
            ours=spent.total,
            unit="ms",
            limit=floor,
            want=at_most_times(2.5),
            because=because,
        ),
        Figure(
            what="sign-ins on a trusted device, 8 at once",
            ours=count / spent.seconds,
            unit="/s",
            limit=Limit("the Argon2id pool alone", hashing.per_second),
            want=at_least_times(0.4),
            because="the processors: client, MongoDB and API share with Argon2id the two cores that it alone can fill.",
        ),
        *await _refresh_meanwhile(bench, people),
    ]


async def _refresh_meanwhile(bench: Bench, people: Sequence[Visitor]) -> list[Figure]:
    """Measure a refresh while others sign in as fast as they can."""
    rounds = bench.rounds(80, 30)
    http = RawHttpClient(bench.url)
    one, other = [Refreshing(someone) for someone in await make_visitors(bench.resources, 2)]
    idle = statistics.median(await milliseconds([lambda: one.refresh(http)] * rounds))
    logins = send_all(bench.url, [_signing_in(someone) for someone in people], at_once=AT_ONCE)
    load = asyncio.create_task(logins)
    await asyncio.sleep(WARM_UP_SECONDS)
    waits: list[float] = []
    while not load.done() and len(waits) < rounds:
        waits += await milliseconds([lambda: other.refresh(http)])
    await load
    return [
        Figure(
            what="refresh beside 8 at once signing in, p50",
            ours=statistics.median(waits),
            unit="ms",
            limit=Limit("the same, idle", idle),
            want=at_most_times(3.0),
            because="hashing threads hold both cores, so the event loop waits for its turn.",
        )
    ]


def _signing_in(someone: Visitor) -> Request:
    return lambda http: http.post("/auth/login", someone.person.credentials, address=someone.address)


def _mean(first: HashCost, second: HashCost) -> HashCost:
    return HashCost((first.cpu_ms + second.cpu_ms) / 2, (first.per_second + second.per_second) / 2)
