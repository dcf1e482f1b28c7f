"""Encrypts second factors with the current root key, after a rotation: `python -m workers.reencrypt`.

Safe while the product runs; it can be stopped at any time and repeated. Prints its progress.
"""

import sys

from adapters.resources import Resources
from workers.operator_command import run_command

BATCH_SIZE = 500


async def reencrypt_secrets(resources: Resources) -> int:
    """Re-encrypt all second factors under an older key. Returns how many."""
    done = 0
    while count := await resources.auth.two_factors.reencrypt(limit=BATCH_SIZE):
        done += count
        sys.stdout.write(f"{done} second factors sealed anew\n")
    return done


if __name__ == "__main__":
    sys.exit(run_command(reencrypt_secrets, "All are sealed with the current key; {} were not."))
