"""Who am I on a cached session, beside a bare route; the own profile, beside the three bare reads that it needs."""

import asyncio
import time

from bson import ObjectId

from adapters.neo4j.client import read_one
from adapters.resources import Resources
from bench import baseline_route as bare
from bench.bench import Bench
from bench.cpu import cpu_ms
from bench.figure import Figure, Limit, at_least_times, at_most
from bench.timing import Call, all_of, send_all
from bench.visitors import Visitor, get, make_visitors

AT_ONCE = 8
EDGES = """
MATCH (u:User {user_id: $user_id})
RETURN COUNT { (u)<-[:FOLLOWING]-() } AS followers, COUNT { (u)-[:FOLLOWING]->() } AS following
"""
BARE_ROUTE = "bare FastAPI route, no store, no limit"


async def who_am_i(bench: Bench) -> list[Figure]:
    """Measure requests of different people, whose sessions are cached; each stays below the limit of a minute."""
    people, rounds = await make_visitors(bench.resources, bench.rounds(200, 60)), bench.rounds(80, 60)
    count = len(people) * rounds
    requests = [get("/auth/user/current", someone) for someone in people]
    async with bare.serving() as (url, pid):
        before, began = cpu_ms([pid]), time.perf_counter()
        await send_all(url, [lambda http: http.get("/bare")] * count, at_once=AT_ONCE)
        floor, rate = (cpu_ms([pid]) - before) / count, count / (time.perf_counter() - began)
    await send_all(bench.url, requests, at_once=AT_ONCE)
    ours = await bench.meter.spent(count, send_all(bench.url, requests * rounds, at_once=AT_ONCE))
    return [
        Figure(
            what="who am I, limits on, 8 at once, CPU of all",
            ours=ours.total,
            unit="ms",
            limit=Limit(BARE_ROUTE, floor),
            want=at_most(0.20),
            split=ours.split,
            because="Python: the limits with Redis are a quarter, the framework a sixth, the socket a tenth.",
        ),
        Figure(
            what="who am I, limits on, 8 at once",
            ours=count / ours.seconds,
            unit="/s",
            limit=Limit(BARE_ROUTE, rate),
            want=at_least_times(0.5),
            because="one API process on one core; the client needs the other.",
        ),
    ]


async def own_profile(bench: Bench) -> list[Figure]:
    """Measure own profiles of different people, beside one read from each of the three stores that it needs."""
    people, rounds = await make_visitors(bench.resources, bench.rounds(100, 40)), bench.rounds(60, 25)
    count = len(people) * rounds
    reads = [_three_reads(bench.resources, someone) for someone in people]
    await all_of(reads, at_once=AT_ONCE)
    limit = await bench.meter.spent(count, all_of(reads * rounds, at_once=AT_ONCE), with_client=True)
    requests = [get("/users/profile/me", someone) for someone in people]
    await send_all(bench.url, requests, at_once=AT_ONCE)
    ours = await bench.meter.spent(count, send_all(bench.url, requests * rounds, at_once=AT_ONCE))
    what = "three bare driver calls, one by one"
    return [
        Figure(
            what="own profile, limits on, 8 at once, CPU of all",
            ours=ours.total,
            unit="ms",
            limit=Limit(what, limit.total),
            want=at_most(0.8),
            split=ours.split,
            because="Python: the drivers are a quarter of the API, which eight requests share, the framework a sixth.",
        ),
        Figure(
            what="own profile, limits on, 8 at once",
            ours=count / ours.seconds,
            unit="/s",
            limit=Limit(what, count / limit.seconds),
            want=at_least_times(0.5),
            because="one API process on one core, beside three stores and the client.",
        ),
    ]


def _three_reads(resources: Resources, someone: Visitor) -> Call:
    clients, user_id = resources.clients, someone.user_id

    async def read() -> None:
        await asyncio.gather(
            clients.database["users"].find_one({"_id": ObjectId(user_id)}),
            read_one(clients.neo4j, EDGES, user_id=user_id),
            clients.redis.get(f"bench:{user_id}"),
        )

    return read
