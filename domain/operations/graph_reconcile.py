"""Comparing the graph with the accounts: what is drift, and what is only under way."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SYNC_GRACE = timedelta(minutes=1)
"""So long GraphSync may take. What it still owes after that is drift."""
MAX_LISTED = 100
"""So many ids of accounts that cannot be read are named; there are as many as there are."""


class Drift(StrEnum):
    MISSING = "missing"
    EXTRA = "extra"
    STALE = "stale"


@dataclass(frozen=True)
class AccountVersion:
    """`pending_since`: the graph has still to be told of a change, and GraphSync is about to."""

    version: int
    pending_since: datetime | None = None


@dataclass(frozen=True)
class DriftCandidate:
    """One id, looked up three times in this order: account, node, account.

    A version never falls and an account never comes after its node, so what is said of the account before holds for
    the node, and what is said of the node holds for the account after. None: it was not there.
    """

    before: AccountVersion | None
    node: int | None
    after: AccountVersion | None


@dataclass(frozen=True)
class ReconcileCounts:
    """What was seen and done on some pages of users. `unreadable`: accounts that no profile can be made of."""

    users_mongo: int = 0
    users_graph: int = 0
    missing: int = 0
    extra: int = 0
    stale: int = 0
    repaired: int = 0
    unreadable: tuple[str, ...] = ()

    def __add__(self, other: "ReconcileCounts") -> "ReconcileCounts":
        return ReconcileCounts(
            self.users_mongo + other.users_mongo,
            self.users_graph + other.users_graph,
            self.missing + other.missing,
            self.extra + other.extra,
            self.stale + other.stale,
            self.repaired + other.repaired,
            (self.unreadable + other.unreadable)[:MAX_LISTED],
        )


def classify_drift(candidate: DriftCandidate, now: datetime) -> Drift | None:
    """What is wrong with the node; None when nothing is, or GraphSync will see to it."""
    before, node, after = candidate.before, candidate.node, candidate.after
    if node is not None and after is None:
        return Drift.EXTRA
    if node is not None and after is not None and is_node_ahead(candidate):
        return Drift.STALE
    if before is None or after is None or _is_sync_pending(before, now):
        return None
    if node is None:
        return Drift.MISSING
    return Drift.STALE if node < before.version else None


def is_node_ahead(candidate: DriftCandidate) -> bool:
    """Whether the node has a version that its account never had: MongoDB came back from an older backup."""
    return candidate.node is not None and candidate.after is not None and candidate.node > candidate.after.version


def _is_sync_pending(account: AccountVersion, now: datetime) -> bool:
    return account.pending_since is not None and account.pending_since > now - SYNC_GRACE
