"""Reports of comparisons of the graph with the accounts, one document each, kept for 90 days."""

from dataclasses import asdict
from typing import Any

from bson import ObjectId

from adapters.mongo.client import Database, Document
from domain.operations.graph_reconcile import ReconcileCounts
from domain.operations.graph_reports import GraphReport
from domain.paging import Cursor, Page, PageRequest, format_cursor

NEWEST_FIRST = [("at", -1), ("_id", -1)]


class GraphReportStore:
    """Saves and lists reports of comparisons."""

    def __init__(self, database: Database) -> None:
        self._reports = database["graph_reports"]

    async def save(self, report: GraphReport) -> None:
        """Save the report. Idempotent: keyed by the comparison."""
        facts: Document = {"at": report.at, **asdict(report.tally)}
        await self._reports.update_one({"_id": ObjectId(report.key)}, {"$set": facts}, upsert=True)

    async def list_page(self, page_request: PageRequest) -> Page[GraphReport]:
        """Return one page, newest first, with the count of all reports."""
        after, limit = page_request.after, page_request.limit
        found = self._reports.find(_older(after) if after else {}).sort(NEWEST_FIRST)
        documents = await found.skip(0 if after else page_request.skip).limit(limit + 1).to_list()
        reports = [_report(document) for document in documents[:limit]]
        has_more = len(documents) > limit
        next_cursor = format_cursor(Cursor(reports[-1].at, reports[-1].key)) if has_more else None
        return Page(reports, await self._reports.count_documents({}), next_cursor)


def _older(cursor: Cursor) -> Document:
    same_moment: dict[str, Any] = {"at": cursor.at, "_id": {"$lt": ObjectId(cursor.row_id)}}
    return {"$or": [{"at": {"$lt": cursor.at}}, same_moment]}


def _report(document: Document) -> GraphReport:
    counts = {name: document[name] for name in ReconcileCounts.__dataclass_fields__ if name != "unreadable"}
    return GraphReport(
        str(document["_id"]), document["at"], ReconcileCounts(**counts, unreadable=tuple(document["unreadable"]))
    )
