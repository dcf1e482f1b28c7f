"""Reports of the comparison between graph and accounts, for admins."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.operations.deps import ResourcesDep
from api.operations.schemas.graph_reports import GraphReportPage, GraphReportView
from api.schemas.envelope import Answer
from api.schemas.paging import Meta, Paging
from domain.users.permissions import Permission

router = APIRouter(prefix="/graph/reports", tags=["system"])


@router.get(
    "",
    dependencies=[permit(Permission.SYSTEM_READ, by_key=True), caller_std],
    response_model=Answer[GraphReportPage],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_graph_reports(resources: ResourcesDep, paging: Paging) -> Response:
    """List comparisons of graph and accounts, those of the last 90 days, newest first: one an hour. What GraphSync is
    about to bring is no drift.
    """
    page = await resources.operations.graph_reports.list_page(paging.window)
    views = [GraphReportView.of(report) for report in page.rows]
    return success_response(GraphReportPage(reports=views, meta=Meta.of(page, paging)), "Reports found")
