"""How steps are tried: time-outs and pauses by the server behind them, named once."""

from dataclasses import dataclass, replace
from datetime import timedelta

from workflows.search_attributes import BlockedOn

MAX_QUIET_ATTEMPTS = 5
"""So many failures in a row are a server that is away, not a hiccup: then the flow says so."""

TASK_TIMEOUT = timedelta(seconds=5)
"""A worker that dies with a workflow task in hand is noticed after this long (default 10 s)."""


@dataclass(frozen=True)
class ActivityOptions:
    """One try may take `start_to_close`; a worker that dies in it is noticed after `heartbeat`."""

    blocked_on: BlockedOn
    start_to_close: timedelta
    heartbeat: timedelta
    first_pause: timedelta
    longest_pause: timedelta


STORE = ActivityOptions(
    blocked_on=BlockedOn.MONGO,
    start_to_close=timedelta(seconds=10),
    heartbeat=timedelta(seconds=5),
    first_pause=timedelta(milliseconds=200),
    longest_pause=timedelta(seconds=15),
)
GRAPH = ActivityOptions(
    blocked_on=BlockedOn.NEO4J,
    start_to_close=timedelta(seconds=30),
    heartbeat=timedelta(seconds=5),
    first_pause=timedelta(milliseconds=500),
    longest_pause=timedelta(seconds=30),
)
BULK = ActivityOptions(
    blocked_on=BlockedOn.MONGO,
    start_to_close=timedelta(minutes=5),
    heartbeat=timedelta(seconds=10),
    first_pause=timedelta(milliseconds=500),
    longest_pause=timedelta(seconds=30),
)
"""Much work in bounded batches, in whichever store."""
PUSH = ActivityOptions(
    blocked_on=BlockedOn.REDIS,
    start_to_close=timedelta(seconds=2),
    heartbeat=timedelta(seconds=2),
    first_pause=timedelta(milliseconds=200),
    longest_pause=timedelta(seconds=5),
)
"""Somebody is looking at their screen."""
MAIL = ActivityOptions(
    blocked_on=BlockedOn.SMTP,
    start_to_close=timedelta(seconds=60),
    heartbeat=timedelta(seconds=5),
    first_pause=timedelta(seconds=1),
    longest_pause=timedelta(minutes=5),
)
CODE_MAIL = replace(MAIL, longest_pause=timedelta(seconds=20))
"""A person is waiting for it, and it is worth nothing in ten minutes."""
