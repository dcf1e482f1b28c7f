"""Sign-in on a trusted device compared with the password pool alone, and refresh latency during full sign-ins."""

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
    """Measure sign-ins and refreshes. `pids`: the API and the stores, whose CPU is counted."""
    url = str(api.base_url)
    people = [await make_account(resources) for _ in range(CONCURRENCY + 1)]
    refresh = refreshing(RawHttpClient(url), people.pop())
    idle = statistics.median(await milliseconds([refresh] * REFRESHES))
    encoded = await resources.auth.password_hasher.hash(PASSWORD)
    pool = await per_second(lambda: _verifying(resources, encoded), at_once=CONCURRENCY, seconds=SECONDS)
    logins = list(people)
    ours = await load(lambda: _signing_in(RawHttpClient(url), logins.pop()), pids, at_once=CONCURRENCY, seconds=SECONDS)
    busy = await _refresh_during(lambda: _signing_in(RawHttpClient(url), people.pop()), refresh)
    return [
        Figure("login on a trusted device, 8 at once", ours.per_second, "Argon2id pool alone", pool, "/s", 0.85, False),
        Figure("login, CPU of API and stores", ours.cpu_ms, "promised", LOGIN_CPU_MS, "ms", 1.0, True),
        Figure("refresh beside 8 at once signing in, p50", busy, "the same, idle", idle, "ms", 3.0, True),
    ]


async def _refresh_during(logins: Callable[[], Call], refresh: Call) -> float:
    """Return the p50 of a refresh in ms while other users sign in as fast as they can."""
    load = asyncio.create_task(per_second(logins, at_once=CONCURRENCY, seconds=SECONDS))
    await asyncio.sleep(WARM_UP_SECONDS)
    waits = []
    while not load.done():
        waits += await milliseconds([refresh])
    return statistics.median(waits)


def _verifying(resources: Resources, encoded: str) -> Call:
    return lambda: resources.auth.password_hasher.is_correct(PASSWORD, encoded)


def _signing_in(http: RawHttpClient, account: SignedIn) -> Call:
    return lambda: http.post("/auth/login", account.person.credentials)


def refreshing(http: RawHttpClient, account: SignedIn) -> Call:
    """Return a call that refreshes with the session token of the previous call."""
    token = account.session["session_token"]

    async def step() -> None:
        nonlocal token
        answer = await http.post("/auth/session/refresh", {"session_token": token})
        token = answer["data"]["session_token"]

    return step
