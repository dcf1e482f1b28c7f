"""How the graph and the accounts compared, for admins."""

from fastapi import APIRouter, Response

from api.answers import answer
from api.deps import Admin, Resources
from api.errors import CALLER_ERRORS, problems
from api.limits import caller_std
from api.schemas.envelope import Answer
from api.schemas.graph_reports import GraphReportPage, GraphReportView
from api.schemas.paging import Meta, Paging
from domain.errors import Forbidden
from domain.paging import parse_cursor

router = APIRouter(prefix="/graph/reports", tags=["system"])


@router.get(
    "", dependencies=[caller_std], response_model=Answer[GraphReportPage], responses=problems(*CALLER_ERRORS, Forbidden)
)
async def reports(admin: Admin, resources: Resources, paging: Paging) -> Response:
    """The comparisons of the last 90 days, newest first: one an hour. What GraphSync is about to bring is no drift."""
    after = parse_cursor(paging.cursor) if paging.cursor else None
    skip = paging.page * paging.limit
    page = await resources.projection.reports.page(skip=skip, after=after, limit=paging.limit)
    meta = Meta(
        total=page.total,
        page=paging.page,
        limit=paging.limit,
        is_last_page=page.next_cursor is None,
        next_cursor=page.next_cursor,
    )
    found = [GraphReportView.of(report) for report in page.rows]
    return answer(GraphReportPage(reports=found, meta=meta), "Reports found")
