"""How the graph and the accounts compared, as admins see it."""

from api.schemas.envelope import View
from api.schemas.fields import Timestamp
from api.schemas.paging import Meta
from domain.operations.graph_reports import GraphReport


class GraphReportView(View):
    """Users on either side, differences found and how many of them were mended."""

    at: Timestamp
    users_mongo: int
    users_graph: int
    missing: int
    extra: int
    stale: int
    repaired: int

    @classmethod
    def of(cls, report: GraphReport) -> "GraphReportView":
        tally = report.tally
        return cls(
            at=report.at,
            users_mongo=tally.users_mongo,
            users_graph=tally.users_graph,
            missing=tally.missing,
            extra=tally.extra,
            stale=tally.stale,
            repaired=tally.repaired,
        )


class GraphReportPage(View):
    reports: list[GraphReportView]
    meta: Meta
