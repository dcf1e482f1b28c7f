"""How the graph and the accounts compared, for admins."""

from fastapi import APIRouter, Response

from api.access.route_limits import caller_std
from api.deps import Admin
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.operations.deps import Resources
from api.operations.schemas.graph_reports import GraphReportPage, GraphReportView
from api.schemas.envelope import Answer
from api.schemas.paging import Meta, Paging
from domain.errors import Forbidden

router = APIRouter(prefix="/graph/reports", tags=["system"])


@router.get(
    "", dependencies=[caller_std], response_model=Answer[GraphReportPage], responses=problems(*CALLER_ERRORS, Forbidden)
)
async def reports(admin: Admin, resources: Resources, paging: Paging) -> Response:
    """The comparisons of the last 90 days, newest first: one an hour. What GraphSync is about to bring is no drift."""
    page = await resources.operations.graph_reports.page(paging.window)
    found = [GraphReportView.of(report) for report in page.rows]
    return answer(GraphReportPage(reports=found, meta=Meta.of(page, paging)), "Reports found")
