"""Compares a page of accounts with their nodes, mends what differs, and keeps what was found.

Only where the two differ on a first look they are looked at closely, in the order that `DriftCandidate` speaks of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.operations.graph_reconcile import Drift, DriftCandidate, ReconcileCounts, classify_drift, is_node_ahead
from domain.operations.graph_reports import GraphReport

if TYPE_CHECKING:
    from adapters.crypto.hashes import KeyedHashes
    from adapters.mongo.accounts.tombstones import TombstoneStore
    from adapters.mongo.operations.graph_reports import GraphReportStore
    from adapters.mongo.operations.projections import ProjectionStore
    from adapters.neo4j.accounts.erasure import UserNodeErasure
    from adapters.neo4j.operations.projections import ProjectionGraph

PAGE_SIZE = 1_000
EDGE_BATCH_SIZE = 1_000
MAX_REMOVED = 100
"""Nodes that one comparison takes away. More of them without an account is no drift but a lost or a wrong MongoDB, and
their edges are nowhere else: an operator looks first.
"""


@dataclass(frozen=True)
class ReconcilePosition:
    """How far the comparison is on either side, empty at the start. What a node is called need be no account's id."""

    account: str = ""
    node: str = ""


@dataclass(frozen=True)
class ComparePage:
    """`may_remove`: so many nodes without an account may still go."""

    place: ReconcilePosition
    may_remove: int
    now: datetime


@dataclass(frozen=True)
class PageCompared:
    """`place` is where the next page begins; None when all is compared. `removed` are part of what is repaired."""

    tally: ReconcileCounts
    place: ReconcilePosition | None
    removed: int = 0


@dataclass(frozen=True)
class SaveReport:
    """`owner` is the comparison's workflow id."""

    owner: str
    at: datetime
    tally: ReconcileCounts


class GraphReconcileActivities:
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
        """One page of both sides, compared and mended. Doing it again finds nothing more to mend."""
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
        """Keep the report, and set the gauges `decode_graph_drift` and `decode_graph_unreadable` to what it says."""
        await self._reports.save(
            GraphReport(self._hashes.derive_object_id(command.owner, "report"), command.at, command.tally)
        )
        meter, tally = activity.metric_meter(), command.tally
        drift = meter.create_gauge("decode_graph_drift")
        for kind, count in ((Drift.MISSING, tally.missing), (Drift.EXTRA, tally.extra), (Drift.STALE, tally.stale)):
            drift.set(count, {"kind": kind.value})
        meter.create_gauge("decode_graph_unreadable").set(len(tally.unreadable))

    async def _repair(self, user_ids: Sequence[str], command: ComparePage) -> tuple[ReconcileCounts, int]:
        """Take nodes without an account away, as many as may go, and write the others anew.

        Returns what was found and done with these ids, and how many nodes were taken away.
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
        """These nodes with all their edges, in bounded transactions."""
        for user_id in user_ids:
            while await self._erasure.erase(user_id, limit=EDGE_BATCH_SIZE):
                pass

    async def _find_drift(self, user_ids: Sequence[str], now: datetime) -> Mapping[str, tuple[Drift, DriftCandidate]]:
        """Those that really differ. A node whose erasure is under way is the erasure's."""
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
        """Write the accounts' profiles as they are now. Returns who could not be read; whoever is gone stays gone."""
        for user_id, suspect in candidates.items():
            if is_node_ahead(suspect) and suspect.node is not None and suspect.after:
                await self._accounts.raise_version(user_id, seen=suspect.after.version, node=suspect.node, now=now)
        profiles = await self._accounts.profiles(list(candidates))
        await self._nodes.put(profiles.users)
        await self._nodes.remove_bare(await self._accounts.find_missing(list(candidates)))
        return profiles.unreadable


def _end_of_page(accounts: Sequence[str], nodes: Sequence[str]) -> str | None:
    """The last id up to which both sides were read to the end; None when that is everything."""
    return min((ids[-1] for ids in (accounts, nodes) if len(ids) == PAGE_SIZE), default=None)


def _up_to(end: str | None, versions: Mapping[str, int]) -> Mapping[str, int]:
    """Those of the ids that belong to a page with this end; what lies behind it waits for the next page."""
    return {user_id: version for user_id, version in versions.items() if end is None or user_id <= end}


def _differing(accounts: Mapping[str, int], nodes: Mapping[str, int]) -> Sequence[str]:
    """Ids, sorted, whose versions are not the same on both sides, or which are on one side only."""
    return sorted(user_id for user_id in accounts.keys() | nodes.keys() if accounts.get(user_id) != nodes.get(user_id))
