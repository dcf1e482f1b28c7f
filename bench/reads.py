"""The current user on a cached session, and the own profile, compared with a bare route under the same server."""

import httpx

from adapters.resources import Resources
from bench import baseline_route as bare
from bench.raw_http_client import RawHttpClient
from bench.timing import Call, Figure, Load, load
from tests.support.accounts import make_account

CONCURRENCY = 8
SECONDS = 5.0
KEYCLOAK_USERINFO_CPU_MS = 0.19


async def measure(api: httpx.AsyncClient, resources: Resources, api_pid: int) -> list[Figure]:
    """Return requests per second and CPU of one API process, with eight concurrent clients."""
    people = [await make_account(resources) for _ in range(CONCURRENCY)]
    tokens = [account.session["access_token"] for account in people]
    async with bare.serving() as (bare_url, bare_pid):
        limit = await _loaded(bare_url, "/bare", tokens, bare_pid)
    current_user = await _loaded(str(api.base_url), "/auth/user/current", tokens, api_pid)
    profile = await _loaded(str(api.base_url), "/users/profile/me", tokens, api_pid)
    return [
        _figure("who am I, 8 at once", current_user, limit),
        Figure(
            what="who am I, CPU of the API",
            ours=current_user.cpu_ms,
            limit_is="Keycloak's userinfo",
            limit=KEYCLOAK_USERINFO_CPU_MS,
            unit="ms",
            want=1.0,
            is_at_most=True,
        ),
        _figure("own profile, 8 at once", profile, limit),
    ]


async def _loaded(url: str, path: str, tokens: list[str], pid: int) -> Load:
    left = list(tokens)
    return await load(lambda: _asking(url, path, left.pop()), [pid], at_once=CONCURRENCY, seconds=SECONDS)


def _asking(url: str, path: str, token: str) -> Call:
    wire = RawHttpClient(url)
    return lambda: wire.get(path, token)


def _figure(what: str, ours: Load, limit: Load) -> Figure:
    return Figure(
        what=what,
        ours=ours.per_second,
        limit_is="bare FastAPI route, no store",
        limit=limit.per_second,
        unit="/s",
        want=0.5,
        is_at_most=False,
    )
