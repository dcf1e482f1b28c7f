"""Encrypts second factors and keys of the journal with the current root key, after a rotation.

`python -m workers.reencrypt`. Safe while the product runs; it can be stopped at any time and repeated. Prints its
progress.
"""

import sys
from collections.abc import Awaitable, Callable

from adapters.resources import Resources
from workers.operator_command import run_command

BATCH_SIZE = 500


async def reencrypt_secrets(resources: Resources) -> int:
    """Re-encrypt all secrets that are under an older key. Returns how many."""
    second_factors = await _repeat(resources.auth.two_factors.reencrypt, "second factors")
    return second_factors + await _repeat(resources.journal.subject_keys.reencrypt, "keys of the journal")


async def _repeat(reencrypt: Callable[..., Awaitable[int]], kind: str) -> int:
    done = 0
    while count := await reencrypt(limit=BATCH_SIZE):
        done += count
        sys.stdout.write(f"{done} {kind} sealed anew\n")
    return done


if __name__ == "__main__":
    sys.exit(run_command(reencrypt_secrets, "All are sealed with the current key; {} were not."))
