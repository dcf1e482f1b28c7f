"""Who am I, on a session that the process knows: beside a bare route under the same server."""

import httpx

from adapters.resources import Resources
from bench import bare
from bench.timing import Call, Figure, load
from bench.wire import Wire
from tests.accounts import make_account

AT_ONCE = 8
SECONDS = 5.0
KEYCLOAK_USERINFO_CPU_MS = 0.19


async def measure(api: httpx.AsyncClient, resources: Resources, api_pid: int) -> list[Figure]:
    """Requests per second and CPU of one API process, eight clients side by side."""
    people = [await make_account(resources) for _ in range(AT_ONCE)]
    tokens = [someone.session["access_token"] for someone in people]
    url = str(api.base_url)
    await _asking(url, "/auth/user/current", tokens[0])()
    async with bare.serving() as (bare_url, bare_pid):
        limit = await load(lambda: _asking(bare_url, "/bare"), [bare_pid], at_once=AT_ONCE, seconds=SECONDS)
    ours = await load(
        lambda: _asking(url, "/auth/user/current", tokens.pop()), [api_pid], at_once=AT_ONCE, seconds=SECONDS
    )
    return [
        Figure(
            what="who am I, 8 at once",
            ours=ours.per_second,
            limit_is="bare FastAPI route with the same bytes",
            limit=limit.per_second,
            unit="/s",
            want=0.5,
            is_at_most=False,
        ),
        Figure(
            what="who am I, CPU of the API",
            ours=ours.cpu_ms,
            limit_is="Keycloak's userinfo",
            limit=KEYCLOAK_USERINFO_CPU_MS,
            unit="ms",
            want=1.0,
            is_at_most=True,
        ),
    ]


def _asking(url: str, path: str, token: str = "") -> Call:
    wire = Wire(url)
    return lambda: wire.get(path, token)
