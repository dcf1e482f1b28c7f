"""Time-outs and retry pauses of activities, one preset per server behind them."""

from dataclasses import dataclass, replace
from datetime import timedelta

from workflows.search_attributes import BlockedOn

MAX_QUIET_ATTEMPTS = 5
"""After this many failures in a row the server counts as down, and the flow gets `BlockedOn`."""

TASK_TIMEOUT = timedelta(seconds=5)
"""The time after which a worker that died during a workflow task is noticed (Temporal's default: 10 s)."""


@dataclass(frozen=True)
class ActivityOptions:
    """`start_to_close`: the limit of one attempt; `heartbeat`: the time after which a dead worker is noticed."""

    blocked_on: BlockedOn
    start_to_close: timedelta
    heartbeat: timedelta | None
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
"""Much work in bounded batches, in any store."""
NUMBERING = ActivityOptions(
    blocked_on=BlockedOn.MONGO,
    start_to_close=timedelta(minutes=6),
    heartbeat=timedelta(seconds=5),
    first_pause=timedelta(milliseconds=200),
    longest_pause=timedelta(seconds=5),
)
"""One round of five minutes; what waits is numbered soon after the server is back."""
ANCHOR_FILE = replace(BULK, blocked_on=BlockedOn.ANCHOR_FILE, longest_pause=timedelta(minutes=5))
PUSH = ActivityOptions(
    blocked_on=BlockedOn.REDIS,
    start_to_close=timedelta(seconds=2),
    heartbeat=timedelta(seconds=2),
    first_pause=timedelta(milliseconds=200),
    longest_pause=timedelta(seconds=5),
)
"""Short limits: a user is online and waits for it."""
MODEL = ActivityOptions(
    blocked_on=BlockedOn.MODEL,
    start_to_close=timedelta(minutes=3),
    heartbeat=timedelta(seconds=5),
    first_pause=timedelta(milliseconds=200),
    longest_pause=timedelta(seconds=5),
)
"""One call of a language model, which has shorter limits of its own. A user reads what it says."""
MAIL = ActivityOptions(
    blocked_on=BlockedOn.SMTP,
    start_to_close=timedelta(seconds=60),
    heartbeat=timedelta(seconds=5),
    first_pause=timedelta(seconds=1),
    longest_pause=timedelta(minutes=5),
)
CODE_MAIL = replace(MAIL, longest_pause=timedelta(seconds=20))
"""A user is waiting for the code, which expires in about ten minutes."""
FIRST_TRY = ActivityOptions(
    blocked_on=BlockedOn.SMTP,
    start_to_close=timedelta(seconds=10),
    heartbeat=None,
    first_pause=MAIL.first_pause,
    longest_pause=MAIL.longest_pause,
)
"""One attempt at a mail. A flow does not close before it has ended, so a worker that died is noticed as soon."""
TOOL = ActivityOptions(
    blocked_on=BlockedOn.MONGO,
    start_to_close=timedelta(seconds=30),
    heartbeat=timedelta(seconds=5),
    first_pause=timedelta(milliseconds=200),
    longest_pause=timedelta(seconds=2),
)
"""One attempt at a tool; each tool has a limit of its own."""
