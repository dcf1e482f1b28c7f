"""What an activity's heartbeats carry, so that the next attempt goes on from there."""

from contextvars import ContextVar

from temporalio import activity


class Heartbeat:
    """Sends heartbeats with the newest details; those of the last attempt until there are newer ones."""

    def __init__(self) -> None:
        self._details = tuple(activity.info().heartbeat_details)

    def beat(self) -> None:
        """Send one."""
        activity.heartbeat(*self._details)

    def carry(self, *details: object) -> None:
        """Send these details from now on."""
        self._details = details
        self.beat()


running: ContextVar[Heartbeat | None] = ContextVar("running", default=None)
"""The heartbeat that the worker sends at intervals for the running activity."""


def carry(*details: object) -> None:
    """Send a heartbeat with these details, as all later ones of this activity."""
    (running.get() or Heartbeat()).carry(*details)
