"""Compares a page of accounts with their nodes, repairs differences, and saves the report.

Only ids that differ in a first comparison are read again, in the order that `DriftCandidate` documents.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.operations.graph_reconcile import Drift, DriftCandidate, ReconcileCounts, classify_drift, is_node_ahead
from domain.operations.graph_reports import GraphReport

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.accounts.tombstones import TombstoneStore
    from adapters.mongo.operations.graph_reports import GraphReportStore
    from adapters.mongo.operations.projections import ProjectionStore
    from adapters.neo4j.accounts.erasure import UserNodeErasure
    from adapters.neo4j.operations.projections import ProjectionGraph

PAGE_SIZE = 1_000
EDGE_BATCH_SIZE = 1_000
MAX_REMOVED = 100
"""How many nodes one comparison may delete. More nodes without an account mean a lost or a wrong MongoDB rather than
drift, and their edges are stored nowhere else: an operator checks first.
"""


@dataclass(frozen=True)
class ReconcilePosition:
    """The last id compared on either side, empty at the start. A node's id need not be that of an account."""

    account: str = ""
    node: str = ""


@dataclass(frozen=True)
class ComparePage:
    """`may_remove`: how many nodes without an account may still be deleted."""

    place: ReconcilePosition
    may_remove: int
    now: datetime


@dataclass(frozen=True)
class PageCompared:
    """`place`: where the next page starts, None at the end; `removed`: deleted nodes, also counted as repaired."""

    tally: ReconcileCounts
    place: ReconcilePosition | None
    removed: int = 0


@dataclass(frozen=True)
class SaveReport:
    """`owner`: the comparison's workflow id, which makes a repeat idempotent; `at`: its start."""

    owner: str
    at: datetime
    tally: ReconcileCounts


class GraphReconcileActivities:
    """Activities of the GraphReconcile workflow."""

    def __init__(
        self,
        accounts: "ProjectionStore",
        nodes: "ProjectionGraph",
        tombstones: "TombstoneStore",
        erasure: "UserNodeErasure",
        reports: "GraphReportStore",
        hashes: "KeyedHashes",
    ) -> None:
        self._accounts = accounts
        self._nodes = nodes
        self._tombstones = tombstones
        self._erasure = erasure
        self._reports = reports
        self._hashes = hashes

    @activity.defn(name="graph_reconcile.compare")
    async def compare(self, command: ComparePage) -> PageCompared:
        """Compare one page of both sides and repair it. A repeat finds nothing more to repair."""
        accounts = await self._accounts.versions_after(command.place.account, limit=PAGE_SIZE)
        nodes = await self._nodes.versions_after(command.place.node, limit=PAGE_SIZE)
        end = _end_of_page(list(accounts), list(nodes))
        account_versions = _up_to(end, {user_id: account.version for user_id, account in accounts.items()})
        node_versions = _up_to(end, nodes)
        tally, removed = await self._repair(_differing(account_versions, node_versions), command)
        seen = replace(tally, users_mongo=len(account_versions), users_graph=len(node_versions))
        next_place = (
            ReconcilePosition(max(account_versions, default=command.place.account), end) if end is not None else None
        )
        return PageCompared(seen, next_place, removed)

    @activity.defn(name="graph_reconcile.file")
    async def save_report(self, command: SaveReport) -> None:
        """Save the report, and set the gauges `decode_graph_drift` and `decode_graph_unreadable` to its counts."""
        await self._reports.save(
            GraphReport(self._hashes.derive_object_id(command.owner, "report"), command.at, command.tally)
        )
        meter, tally = activity.metric_meter(), command.tally
        drift = meter.create_gauge("decode_graph_drift")
        for kind, count in ((Drift.MISSING, tally.missing), (Drift.EXTRA, tally.extra), (Drift.STALE, tally.stale)):
            drift.set(count, {"kind": kind.value})
        meter.create_gauge("decode_graph_unreadable").set(len(tally.unreadable))

    async def _repair(self, user_ids: Sequence[str], command: ComparePage) -> tuple[ReconcileCounts, int]:
        """Delete nodes without an account, up to `may_remove`, and rewrite the others that differ.

        Returns the counts for these ids, and how many nodes were deleted.
        """
        found = await self._find_drift(user_ids, command.now) if user_ids else {}
        extra = [user_id for user_id, (drift, _) in found.items() if drift is Drift.EXTRA]
        removed = extra[: command.may_remove]
        await self._remove(removed)
        outdated = {user_id: candidate for user_id, (drift, candidate) in found.items() if drift is not Drift.EXTRA}
        unreadable = await self._put(outdated, command.now) if outdated else []
        kinds = [drift for drift, _ in found.values()]
        tally = ReconcileCounts(
            missing=kinds.count(Drift.MISSING),
            extra=kinds.count(Drift.EXTRA),
            stale=kinds.count(Drift.STALE),
            repaired=len(removed) + len(outdated) - len(unreadable),
            unreadable=tuple(unreadable),
        )
        return tally, len(removed)

    async def _remove(self, user_ids: Sequence[str]) -> None:
        """Delete these nodes with all their edges, in bounded transactions."""
        for user_id in user_ids:
            while await self._erasure.erase(user_id, limit=EDGE_BATCH_SIZE):
                pass

    async def _find_drift(self, user_ids: Sequence[str], now: datetime) -> Mapping[str, tuple[Drift, DriftCandidate]]:
        """Return the ids that differ in the second reading too. A node whose erasure is in progress is left to that."""
        before = await self._accounts.versions(user_ids)
        nodes = await self._nodes.versions(user_ids)
        after = await self._accounts.versions(user_ids)
        leaving = await self._tombstones.find_unfinished(user_ids)
        candidates = {key: DriftCandidate(before.get(key), nodes.get(key), after.get(key)) for key in user_ids}
        judged = {
            key: (classify_drift(candidate, now), candidate)
            for key, candidate in candidates.items()
            if key not in leaving
        }
        return {key: (drift, suspect) for key, (drift, suspect) in judged.items() if drift}

    async def _put(self, candidates: Mapping[str, DriftCandidate], now: datetime) -> Sequence[str]:
        """Write the accounts' current profiles to their nodes; erased ones stay erased. Returns the unreadable ids."""
        for user_id, suspect in candidates.items():
            if is_node_ahead(suspect) and suspect.node is not None and suspect.after:
                await self._accounts.raise_version(user_id, seen=suspect.after.version, node=suspect.node, now=now)
        profiles = await self._accounts.profiles(list(candidates))
        await self._nodes.put(profiles.users)
        await self._nodes.remove_bare(await self._accounts.find_missing(list(candidates)))
        return profiles.unreadable


def _end_of_page(accounts: Sequence[str], nodes: Sequence[str]) -> str | None:
    """Return the last id up to which both sides were read completely; None when both ended."""
    return min((ids[-1] for ids in (accounts, nodes) if len(ids) == PAGE_SIZE), default=None)


def _up_to(end: str | None, versions: Mapping[str, int]) -> Mapping[str, int]:
    """Return the entries up to the page's last id; later ones belong to the next page."""
    return {user_id: version for user_id, version in versions.items() if end is None or user_id <= end}


def _differing(accounts: Mapping[str, int], nodes: Mapping[str, int]) -> Sequence[str]:
    """Return the sorted ids whose versions differ between the sides, or which are on one side only."""
    return sorted(user_id for user_id in accounts.keys() | nodes.keys() if accounts.get(user_id) != nodes.get(user_id))
