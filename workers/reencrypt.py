"""Encrypts second factors with the current root key, after a rotation: `python -m workers.reencrypt`.

Safe while the product runs; it can be stopped at any time and repeated. Prints its progress.
"""

import asyncio
import sys

from adapters.resources import open_resources
from config.settings import SettingsError, load_settings

BATCH_SIZE = 500


async def reencrypt_secrets() -> int:
    """Re-encrypt all second factors under an older key. Returns how many."""
    done = 0
    # The port of the metrics belongs to the worker on this machine.
    settings = load_settings().model_copy(update={"metrics_address": None})
    async with open_resources(settings, service="api") as resources:
        while count := await resources.auth.two_factors.reencrypt(limit=BATCH_SIZE):
            done += count
            sys.stdout.write(f"{done} second factors sealed anew\n")
    return done


def main() -> int:
    """Re-encrypt and print the result. Returns the exit code: 0, or 2 for invalid settings."""
    try:
        done = asyncio.run(reencrypt_secrets())
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"All are sealed with the current key; {done} were not.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
