"""Report of a comparison of the graph with the accounts, as stored and shown to admins."""

from dataclasses import dataclass
from datetime import datetime

from domain.operations.graph_reconcile import ReconcileCounts


@dataclass(frozen=True)
class GraphReport:
    """Result of one comparison, identified by `key`: stored twice, it is one report. `at`: when it started."""

    key: str
    at: datetime
    tally: ReconcileCounts
