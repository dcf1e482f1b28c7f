"""Sign-in on a trusted device beside the password pool alone, and what a refresh waits beside full sign-ins."""

import asyncio
import statistics
from collections.abc import Callable, Sequence

import httpx

from adapters.resources import Resources
from bench.raw_http_client import RawHttpClient
from bench.timing import Call, Figure, load, milliseconds, per_second
from tests.support.accounts import make_account
from tests.support.people import PASSWORD, SignedIn

CONCURRENCY = 8
SECONDS = 6.0
WARM_UP_SECONDS = 0.5
REFRESHES = 150
LOGIN_CPU_MS = 20.0


async def measure(api: httpx.AsyncClient, resources: Resources, pids: Sequence[int]) -> list[Figure]:
    """`pids`: the API and the stores, whose CPU counts."""
    url = str(api.base_url)
    people = [await make_account(resources) for _ in range(CONCURRENCY + 1)]
    refresh = refreshing(RawHttpClient(url), people.pop())
    idle = statistics.median(await milliseconds([refresh] * REFRESHES))
    encoded = await resources.auth.password_hasher.hash(PASSWORD)
    pool = await per_second(lambda: _verifying(resources, encoded), at_once=CONCURRENCY, seconds=SECONDS)
    logins = list(people)
    ours = await load(lambda: _signing_in(RawHttpClient(url), logins.pop()), pids, at_once=CONCURRENCY, seconds=SECONDS)
    busy = await _beside(lambda: _signing_in(RawHttpClient(url), people.pop()), refresh)
    return [
        Figure("login on a trusted device, 8 at once", ours.per_second, "Argon2id pool alone", pool, "/s", 0.85, False),
        Figure("login, CPU of API and stores", ours.cpu_ms, "promised", LOGIN_CPU_MS, "ms", 1.0, True),
        Figure("refresh beside 8 at once signing in, p50", busy, "the same, idle", idle, "ms", 3.0, True),
    ]


async def _beside(logins: Callable[[], Call], refresh: Call) -> float:
    """What a refresh waits, p50 in ms, while others sign in as fast as they can."""
    load = asyncio.create_task(per_second(logins, at_once=CONCURRENCY, seconds=SECONDS))
    await asyncio.sleep(WARM_UP_SECONDS)
    waits = []
    while not load.done():
        waits += await milliseconds([refresh])
    return statistics.median(waits)


def _verifying(resources: Resources, encoded: str) -> Call:
    return lambda: resources.auth.password_hasher.is_correct(PASSWORD, encoded)


def _signing_in(http: RawHttpClient, someone: SignedIn) -> Call:
    return lambda: http.post("/auth/login", someone.person.credentials)


def refreshing(http: RawHttpClient, someone: SignedIn) -> Call:
    """Each call refreshes with the token that the one before it gave."""
    token = someone.session["session_token"]

    async def step() -> None:
        nonlocal token
        answer = await http.post("/auth/session/refresh", {"session_token": token})
        token = answer["data"]["session_token"]

    return step
