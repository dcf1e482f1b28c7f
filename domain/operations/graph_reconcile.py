"""Comparison of the graph with the accounts: drift, as distinct from changes still in progress."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SYNC_GRACE = timedelta(minutes=1)
"""How long GraphSync may take. A change still pending after that is drift."""
MAX_LISTED = 100
"""Maximum of listed ids of unreadable accounts; there may be more."""


class Drift(StrEnum):
    """Kinds of drift: an account without a node, a node without an account, a node with another version."""

    MISSING = "missing"
    EXTRA = "extra"
    STALE = "stale"


@dataclass(frozen=True)
class AccountVersion:
    """Profile version of an account. `pending_since`: since when GraphSync has a change to write to the graph."""

    version: int
    pending_since: datetime | None = None


@dataclass(frozen=True)
class DriftCandidate:
    """One id, read three times in this order: account, node, account. None: it did not exist. `node`: its version.

    Versions never decrease and an account is created before its node, so `before` is a lower bound for the node, and
    the node's version is a lower bound for `after`.
    """

    before: AccountVersion | None
    node: int | None
    after: AccountVersion | None


@dataclass(frozen=True)
class ReconcileCounts:
    """Counts over some pages of users. `unreadable`: ids of accounts without a valid profile, up to MAX_LISTED."""

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
    """Return the drift of a node; None without drift, or while GraphSync has the change in progress."""
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
    """Whether the node's version is above its account's: MongoDB was restored from an older backup."""
    return candidate.node is not None and candidate.after is not None and candidate.node > candidate.after.version


def _is_sync_pending(account: AccountVersion, now: datetime) -> bool:
    return account.pending_since is not None and account.pending_since > now - SYNC_GRACE
