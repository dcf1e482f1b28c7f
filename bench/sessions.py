"""Session refresh by many people, compared with the compare-and-set that it consists of."""

import secrets
from datetime import UTC, datetime

from bson import ObjectId

from adapters.resources import Resources
from bench.bench import Bench
from bench.figure import Figure, Limit, at_least_times, at_most
from bench.raw_http_client import RawHttpClient
from bench.timing import Call, all_of, send_all
from bench.visitors import Visitor, make_visitors

AT_ONCE = 8


class Refreshing:
    """The session of one person, which each refresh carries on."""

    def __init__(self, someone: Visitor) -> None:
        self._address = someone.address
        self._token = str(someone.account.session["session_token"])

    async def refresh(self, http: RawHttpClient) -> None:
        body = {"session_token": self._token}
        answer = await http.post("/auth/session/refresh", body, address=self._address)
        self._token = answer["data"]["session_token"]


async def measure(bench: Bench) -> list[Figure]:
    """Measure refreshes of eight sessions at once, round and round through all people."""
    people, rounds = bench.rounds(64, 24), bench.rounds(60, 25)
    sessions = [Refreshing(someone) for someone in await make_visitors(bench.resources, people)]
    count = people * rounds
    steps = [_compare_and_set(bench.resources) for _ in range(people)]
    await all_of(steps, at_once=AT_ONCE)
    bare = await bench.meter.spent(count, all_of(steps * rounds, at_once=AT_ONCE), with_client=True)
    await send_all(bench.url, [session.refresh for session in sessions], at_once=AT_ONCE)
    requests = [session.refresh for session in sessions * rounds]
    ours = await bench.meter.spent(count, send_all(bench.url, requests, at_once=AT_ONCE))
    limit = "bare compare-and-set by the same driver"
    return [
        Figure(
            what="session refresh, 8 at once, CPU of all",
            ours=ours.total,
            unit="ms",
            limit=Limit(limit, bare.total),
            want=at_most(0.85),
            split=ours.split,
            because="MongoDB's journalled write and the driver's calls are nearly half, signing the token a twentieth.",
        ),
        Figure(
            what="session refresh, 8 at once",
            ours=count / ours.seconds,
            unit="/s",
            limit=Limit(limit, count / bare.seconds),
            want=at_least_times(0.5),
            because="one API process on one core, beside MongoDB and the client.",
        ),
    ]


def _compare_and_set(resources: Resources) -> Call:
    collection = resources.clients.database["bench_generations"]
    key, generation = ObjectId(secrets.token_hex(12)), 0

    async def step() -> None:
        nonlocal generation
        await collection.find_one_and_update(
            {"_id": key, "generation": generation} if generation else {"_id": key},
            {"$inc": {"generation": 1}, "$set": {"updatedAt": datetime.now(UTC)}},
            upsert=generation == 0,
        )
        generation += 1

    return step
