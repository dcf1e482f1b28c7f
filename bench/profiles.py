"""One's own profile, read from three stores: beside a bare route under the same server."""

import httpx

from adapters.resources import Resources
from bench import bare
from bench.timing import Call, Figure, load
from bench.wire import Wire
from tests.accounts import make_account

AT_ONCE = 8
SECONDS = 5.0


async def measure(api: httpx.AsyncClient, resources: Resources, api_pid: int) -> list[Figure]:
    """Requests per second of one API process, eight clients side by side."""
    people = [await make_account(resources) for _ in range(AT_ONCE)]
    tokens = [someone.session["access_token"] for someone in people]
    async with bare.serving() as (bare_url, bare_pid):
        limit = await load(lambda: _asking(bare_url, "/bare"), [bare_pid], at_once=AT_ONCE, seconds=SECONDS)
    ours = await load(
        lambda: _asking(str(api.base_url), "/users/profile/me", tokens.pop()),
        [api_pid],
        at_once=AT_ONCE,
        seconds=SECONDS,
    )
    return [
        Figure(
            what="own profile, 8 at once",
            ours=ours.per_second,
            limit_is="bare FastAPI route, no store",
            limit=limit.per_second,
            unit="/s",
            want=0.5,
            is_at_most=False,
        )
    ]


def _asking(url: str, path: str, token: str = "") -> Call:
    wire = Wire(url)
    return lambda: wire.get(path, token)
