"""Encrypts second factors, keys of the journal and words of chats with the current root key, after a rotation.

`python -m workers.reencrypt`. Safe while the product runs; it can be stopped at any time and repeated. Prints its
progress.
"""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable

from adapters.resources import Resources
from workers.operator_command import run_command

BATCH_SIZE = 500


async def reencrypt_secrets(resources: Resources) -> int:
    """Re-encrypt all secrets that are under an older key. Returns how many."""
    second_factors = await _repeat(resources.auth.two_factors.reencrypt, "second factors")
    subject_keys = await _repeat(resources.journal.subject_keys.reencrypt, "keys of the journal")
    return second_factors + subject_keys + await _count(resources.assistant.rotation.reencrypt(), "chats and turns")


async def _repeat(reencrypt: Callable[..., Awaitable[int]], kind: str) -> int:
    async def batches() -> AsyncIterator[int]:
        while count := await reencrypt(limit=BATCH_SIZE):
            yield count

    return await _count(batches(), kind)


async def _count(batches: AsyncIterator[int], kind: str) -> int:
    done = 0
    async for count in batches:
        done += count
        sys.stdout.write(f"{done} {kind} sealed anew\n")
    return done


if __name__ == "__main__":
    sys.exit(run_command(reencrypt_secrets, "All are sealed with the current key; {} were not."))
