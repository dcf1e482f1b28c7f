"""Puts display names and bios that were kept before they were normalized into NFC: `python -m workers.normalize_names`.

Safe while the product runs; it can be stopped at any time and repeated. Prints its progress. The sweep brings the names
into the graph.
"""

import sys
from datetime import UTC, datetime

from adapters.resources import Resources
from workers.operator_command import run_command

BATCH_SIZE = 500


async def normalize_names(resources: Resources) -> int:
    """Normalize the profiles of all accounts. Returns how many were changed."""
    changed, last = 0, ""
    while batch := await resources.users.profiles.normalize_after(last, limit=BATCH_SIZE, now=datetime.now(UTC)):
        changed, last = changed + batch.changed, batch.last
        sys.stdout.write(f"{changed} profiles changed, up to {last}\n")
    return changed


if __name__ == "__main__":
    sys.exit(run_command(normalize_names, "All names and bios are in NFC; {} were not."))
