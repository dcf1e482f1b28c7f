"""Reads by many people: who they are, with sessions that the process knows and does not know, and every other route."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.resources import Resources
from bench.bench import Bench
from bench.figure import Figure
from bench.load.crowd import Visits
from bench.load.marks import ms_since, p95
from bench.raw_http_client import RawHttpClient
from bench.seeded_sessions import seed_sessions
from bench.timing import percentile
from bench.visitors import Visitor, make_visitors
from domain.assistant.turn_ends import FinishReason, TurnEnd
from tests.support.talks import talks_of

CONTRACT = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
CALLER = "/auth/user/current"
ACCOUNT = (
    *("/users/profile/me", "/users/me/audit", "/api-keys", "/wallets/link/me"),
    *("/auth/session/active", "/auth/fingerprints", "/auth/security-events", "/auth/2fa/status"),
    *("/notifications", "/notifications/unread/count"),
)
PEOPLE, VISITORS = 500, 50
ROUNDS = 4
"""Fewer requests of each person than the hundred a minute that are allowed."""
AT_ONCE = 20
WARM_MS, OTHER_MS, PERCENT = 50.0, 200.0, 99.0


@dataclass(frozen=True)
class Asked:
    """A read by a user. `route`: the path as the contract has it."""

    route: str
    path: str
    token: str
    device: str = ""


@dataclass(frozen=True)
class Answered:
    route: str
    ms: float


async def measure(bench: Bench) -> Sequence[Figure]:
    """Measure with the limits of production, which Redis counts for each of the requests."""
    tokens = list((await seed_sessions(bench.resources, bench.rounds(PEOPLE, PEOPLE // 5))).values())
    callers = [Asked(CALLER, CALLER, token) for token in tokens]
    visitors = await make_visitors(bench.resources, bench.rounds(VISITORS, VISITORS // 5))
    reads = [read for visitor in visitors for read in await every_read(bench.resources, visitor)]
    cold, warm, others = [await play(bench.url, asked) for asked in (callers, callers * ROUNDS, reads * ROUNDS)]
    return [*caller_rows(cold, warm), *other_rows(others)]


async def every_read(resources: Resources, visitor: Visitor) -> list[Asked]:
    """Return every GET of the assistant that a user may ask, in a chat with an answer, and those of the account."""
    talks = talks_of(resources, visitor.user_id)
    chat_id = (await talks.begin_chat()).chat_id
    await talks.send(chat_id)
    turn = await talks.begin(chat_id)
    await talks.finish(turn, TurnEnd(FinishReason.STOP))
    names = {"chat_id": chat_id, "turn_id": turn.turn_id, "name": "echo"}
    device = visitor.person.fingerprint
    return [Asked(each, each.format(**names), visitor.token, device) for each in (*assistant_routes(), *ACCOUNT)]


def assistant_routes() -> Sequence[str]:
    """Return the paths of the contract."""
    paths = json.loads(CONTRACT.read_text(encoding="utf-8"))["paths"].items()
    reads = [(path, methods["get"]) for path, methods in paths if "get" in methods]
    return [path for path, read in reads if read["x-permission"] == "assistant:read"]


async def play(url: str, asked: Sequence[Asked]) -> Visits[Answered]:
    """Have all of it asked, in this order, over some connections at once."""
    visits, left = Visits[Answered](), iter(asked)

    async def ask_on() -> None:
        http = RawHttpClient(url)
        for each in left:
            await visits.take(_ask(http, each))

    await asyncio.gather(*(ask_on() for _ in range(AT_ONCE)))
    return visits


async def _ask(http: RawHttpClient, asked: Asked) -> Answered:
    began = time.perf_counter()
    await http.get(asked.path, asked.token, device=asked.device)
    return Answered(asked.route, ms_since(began))


def caller_rows(cold: Visits[Answered], warm: Visits[Answered]) -> list[Figure]:
    """Return the rows of reads of the own account, with new sessions and again."""
    what = f"GET {CALLER}, {AT_ONCE} at once"
    return [
        p95(
            f"{what}, session known",
            [answered.ms for answered in warm.done],
            WARM_MS,
            "Redis counts the request, and nothing else is asked; the rest waits for the one process.",
        ),
        p95(
            f"{what}, session not known",
            [answered.ms for answered in cold.done],
            OTHER_MS,
            "session and account are read, those that meet in one query.",
        ),
        warm.succeeded(what, PERCENT),
    ]


def other_rows(visits: Visits[Answered]) -> list[Figure]:
    """Return the rows of reads of every route: that of the slowest."""
    taken: dict[str, list[float]] = {}
    for answered in visits.done:
        taken.setdefault(answered.route, []).append(answered.ms)
    slowest = max(taken, key=lambda route: percentile(taken[route], 0.95), default="")
    what = f"GET of every route of assistant and account, {AT_ONCE} at once"
    return [
        p95(f"{what}, the slowest", taken.get(slowest, []), OTHER_MS, f"it is {slowest}, of {len(taken)}."),
        visits.succeeded(what, PERCENT),
    ]
