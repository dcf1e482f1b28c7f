"""A sweep without waiting for its interval of 15 s."""

from adapters.resources import Resources
from workers.schedules import SWEEP

SWEPT_SECONDS = 180.0
"""A trigger during a sweep is skipped, and a sweep that finds hundreds of intents takes minutes on a small machine."""


async def trigger_sweep(resources: Resources) -> None:
    """Ask the schedule for a sweep now."""
    await resources.temporal.get_schedule_handle(SWEEP).trigger()
