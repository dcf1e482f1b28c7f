"""Commands that an operator runs once: they change stored data while the product runs, and print a result."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

from adapters.resources import Resources, open_resources
from config.settings import SettingsError, load_settings


def run_command(change: Callable[[Resources], Awaitable[int]], report: str) -> int:
    """Run `change` with the settings of the worker and print `report`, with the number that it returns for `{}`.

    Returns the exit code: 0, or 2 for invalid settings.
    """
    try:
        count = asyncio.run(_run(change))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{report.format(count)}\n")
    return 0


async def _run(change: Callable[[Resources], Awaitable[int]]) -> int:
    # The port of the metrics belongs to the worker on this machine.
    settings = load_settings().model_copy(update={"metrics_address": None})
    async with open_resources(settings, service="api") as resources:
        return await change(resources)
