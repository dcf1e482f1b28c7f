"""Puts display names and bios that were kept before they were normalized into NFC: `python -m workers.normalize_names`.

Safe while the product runs; it can be stopped at any time and repeated. Prints its progress. The sweep brings the names
into the graph.
"""

import asyncio
import sys
from datetime import UTC, datetime

from adapters.resources import open_resources
from config.settings import SettingsError, load_settings

BATCH_SIZE = 500


async def normalize_names() -> int:
    """Normalize the profiles of all accounts. Returns how many were changed."""
    changed, last = 0, ""
    # The port of the metrics belongs to the worker on this machine.
    settings = load_settings().model_copy(update={"metrics_address": None})
    async with open_resources(settings, service="api") as resources:
        while batch := await resources.users.profiles.normalize_after(last, limit=BATCH_SIZE, now=datetime.now(UTC)):
            changed, last = changed + batch.changed, batch.last
            sys.stdout.write(f"{changed} profiles changed, up to {last}\n")
    return changed


def main() -> int:
    """Normalize and print the result. Returns the exit code: 0, or 2 for invalid settings."""
    try:
        changed = asyncio.run(normalize_names())
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"All names and bios are in NFC; {changed} were not.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
