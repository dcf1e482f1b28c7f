"""Argon2id in a bounded thread pool, off the event loop (OWASP: 19 MiB, t=2, p=1).

libsodium computes it in half the time that argon2-cffi's wheel takes. It knows p=1 alone, so hashes of other parameters
are argon2-cffi's (docs/decisions/0054).
"""

import asyncio
import math
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type
from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id

from adapters.crypto.common_passwords import common_passwords
from domain.errors import Overloaded

_Result = TypeVar("_Result")

TIME_COST = 2
MEMORY_KIB = 19_456

MAX_SECONDS = 5.0
"""No call takes longer, from its arrival on. Its client is answered before it gives up."""

LONGEST_RETRY_AFTER = 60.0
"""In seconds. Refused callers need not come back, so their number must not keep others away for longer."""

NEWEST_WEIGHT = 0.2
"""Weight of the newest hash in the mean time of one: it follows the load of the machine within some ten hashes."""


class PasswordHashing:
    """Hashes and verifies passwords, `workers` at a time (default: one per core), in the order of arrival.

    Up to `max_waiting` more calls may wait, and none for longer than `max_seconds`; any further call raises Overloaded,
    with the time after which those before it are through: those that wait, and those refused before it.
    """

    def __init__(self, *, max_waiting: int, workers: int | None = None, max_seconds: float = MAX_SECONDS) -> None:
        self._hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=1, type=Type.ID)
        self._workers = workers or os.cpu_count() or 1
        self._max_calls = max_waiting + self._workers
        self._max_seconds = max_seconds
        self._calls = 0
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="argon2")
        self._mean_seconds = 0.0
        self._is_free_at = 0.0
        self._decoy = self._timed(lambda: _hash(os.urandom(16).hex()))

    @property
    def common(self) -> frozenset[str]:
        """Passwords too frequent to be allowed, in lower case."""
        return common_passwords()

    async def hash(self, password: str) -> str:
        """Return the encoded hash with its parameters. Raises Overloaded."""
        return await self._run(lambda: _hash(password))

    async def is_correct(self, password: str, encoded: str | None) -> bool:
        """Whether the password matches `encoded`. Raises Overloaded.

        None, for an unknown account, takes the same time and is never correct.
        """
        return await self._run(lambda: self._verify(encoded or self._decoy, password)) and encoded is not None

    def needs_rehash(self, encoded: str) -> bool:
        """Whether the hash was made with parameters other than the current ones."""
        return self._hasher.check_needs_rehash(encoded)

    def close(self) -> None:
        """Stop the pool: cancel waiting calls, and do not wait for running ones."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            if self.needs_rehash(encoded):
                return self._hasher.verify(encoded, password)
            return argon2id.verify(encoded.encode(), password.encode())
        except (VerificationError, InvalidHashError, InvalidkeyError):
            return False

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        if self._calls >= self._max_calls:
            raise self._overloaded()
        self._calls += 1
        try:
            async with asyncio.timeout(self._max_seconds):
                return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: self._timed(work))
        except TimeoutError:
            raise self._overloaded() from None
        finally:
            self._calls -= 1

    def _overloaded(self) -> Overloaded:
        """Each refusal takes a turn of its own: callers told the same second would be refused again."""
        now, turn = time.monotonic(), self._mean_seconds / self._workers
        seconds = min(max(self._calls * turn, self._is_free_at - now), LONGEST_RETRY_AFTER)
        self._is_free_at = now + seconds + turn
        return Overloaded(retry_after=max(1, math.ceil(seconds)))

    def _timed(self, work: Callable[[], _Result]) -> _Result:
        """Do the work and count its time into the mean."""
        begun = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - begun
        self._mean_seconds += (seconds - self._mean_seconds) * (NEWEST_WEIGHT if self._mean_seconds else 1)
        return result


def _hash(password: str) -> str:
    return argon2id.str(password.encode(), opslimit=TIME_COST, memlimit=MEMORY_KIB * 1024).decode()
