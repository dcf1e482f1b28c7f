"""What a comparison of the graph with the accounts has found, as it is kept and shown to admins."""

from dataclasses import dataclass
from datetime import datetime

from domain.operations.graph_reconcile import ReconcileCounts


@dataclass(frozen=True)
class GraphReport:
    """`key` names the comparison: kept twice it is one report. `at`: when it began."""

    key: str
    at: datetime
    tally: ReconcileCounts
