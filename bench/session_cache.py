"""What it costs an API process to learn that sessions of a user have changed, however many sessions it knows."""

import statistics
import time
from dataclasses import replace

from bson import ObjectId

from adapters.redis.session_invalidations import InvalidationKind, SessionInvalidation
from adapters.resources import Resources
from api.access.session_cache import SessionCache
from bench.bench import Bench
from bench.figure import Figure, Limit, at_most_times
from domain.auth.sessions import Session
from domain.users.users import User
from tests.support.builders import SESSION, USER

FEW, MANY = 100, 10_000
FORGOTTEN = 50


async def measure(bench: Bench) -> list[Figure]:
    """Forget users one by one, with few and with many sessions known."""
    few, many = _forgetting_us(bench.resources, FEW), _forgetting_us(bench.resources, MANY)
    return [
        Figure(
            what=f"sessions of a user forgotten, {MANY} sessions known, p50",
            ours=many,
            unit="µs",
            limit=Limit(f"the same, {FEW} known", few),
            want=at_most_times(3),
            because="a walk over every known session costs 80 ns for each of them; an index by user costs none.",
        )
    ]


def _forgetting_us(resources: Resources, known: int) -> float:
    """Return the microseconds of one invalidation by user, as each change of an account sends to every process."""
    cache = SessionCache(resources.auth.session_invalidations)
    sessions = [_session() for _ in range(known)]
    for session, user in sessions:
        cache.put(session, user, cache.version)
    taken = []
    for session, user in sessions[:: known // FORGOTTEN]:
        invalidation = SessionInvalidation(InvalidationKind.USER, user.user_id)
        began = time.perf_counter()
        cache.handle(invalidation)
        taken.append((time.perf_counter() - began) * 1e6)
        cache.put(session, user, cache.version)
    return statistics.median(taken)


def _session() -> tuple[Session, User]:
    user_id, session_id = str(ObjectId()), str(ObjectId())
    return replace(SESSION, session_id=session_id, user_id=user_id), replace(USER, user_id=user_id)
