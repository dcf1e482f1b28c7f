"""Intents that are carried out many at a time: their kinds, and the shards into which users fall.

A shard is one part of the users. One entity workflow for each shard of a kind carries out the intents of all of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class IntentKind(StrEnum):
    """What is to be done for a user; the name begins the ids of its entities."""

    GRAPH_SYNC = "graph-sync"
    EVENT_NOTIFICATIONS = "event-notifications"
    FOLLOW_NOTIFICATIONS = "follow-notifications"


MAX_DRAINED = 500
"""Intents carried out in one batch."""

SHARD_COUNTS: Mapping[IntentKind, int] = {
    IntentKind.GRAPH_SYNC: 1,
    IntentKind.EVENT_NOTIFICATIONS: 1,
    IntentKind.FOLLOW_NOTIFICATIONS: 1,
}
"""One entity carries out thousands a second in batches, more than one MongoDB and one Neo4j are asked for; each more
costs workflow tasks. May be raised up to 256 at any time: a run of an older count does the work of others twice at
worst, and twice is once.
"""

LINGER_SECONDS: Mapping[IntentKind, float] = {
    IntentKind.GRAPH_SYNC: 0.5,
    IntentKind.EVENT_NOTIFICATIONS: 0.05,
    IntentKind.FOLLOW_NOTIFICATIONS: 0.05,
}
"""How long a shard rests after a batch of several, so that what comes meanwhile goes into the next one, and how long a
process waits between two wake-ups of a shard. No caller waits for the graph sync: routes write the node of a
user they change, and a search those of new accounts.
"""


@dataclass(frozen=True)
class Shard:
    """One part of the users, for one kind of intent."""

    kind: IntentKind
    number: int

    @property
    def workflow_id(self) -> str:
        """The id of its entity workflow."""
        return f"{self.kind}/{self.number}"

    @property
    def suffixes(self) -> Sequence[str]:
        """The last two hexadecimal digits of the ids of its users."""
        return [f"{last:02x}" for last in range(self.number, 256, SHARD_COUNTS[self.kind])]


def shard_of(kind: IntentKind, user_id: str) -> Shard:
    """Return the shard of a user's intents."""
    return Shard(kind, int(user_id[-2:], 16) % SHARD_COUNTS[kind])
