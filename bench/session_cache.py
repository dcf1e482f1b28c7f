"""What a sign-in anywhere costs each API process: it drops one user's sessions from a cache that may be full."""

import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from redis.asyncio import Redis

from adapters.redis.session_invalidations import InvalidationKind, SessionInvalidation, SessionInvalidations
from api.access.session_cache import MAX_SESSIONS, SessionCache
from bench.timing import Figure
from tests.support.builders import SESSION, USER

FEW = 100
ROUNDS = 1_000


def figures() -> list[Figure]:
    """Return the cost of an invalidation in a full cache, compared with a small one."""
    return [
        Figure(
            what=f"sign-in elsewhere, {MAX_SESSIONS} sessions cached",
            ours=_invalidation_us(MAX_SESSIONS),
            limit_is=f"the same with {FEW}",
            limit=_invalidation_us(FEW),
            unit="µs",
            want=2.0,
            is_at_most=True,
        )
    ]


def _invalidation_us(count: int) -> float:
    return median(_rounds(_filled(count), count)) * 1e6


def _filled(count: int) -> SessionCache:
    cache = SessionCache(SessionInvalidations(Redis()))
    for number in range(count):
        _put(cache, f"{number:024x}")
    return cache


def _rounds(cache: SessionCache, count: int) -> Iterator[float]:
    for number in range(ROUNDS):
        user_id = f"{number % count:024x}"
        hint = SessionInvalidation(InvalidationKind.USER, user_id)
        began = time.perf_counter()
        cache.handle(hint)
        yield time.perf_counter() - began
        _put(cache, user_id)


def _put(cache: SessionCache, key: str) -> None:
    cache.put(replace(SESSION, session_id=key, user_id=key), replace(USER, user_id=key), cache.version)
