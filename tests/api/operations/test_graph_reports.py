"""Reports on the comparison of graph and accounts, for admins."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from api.operations.admin import make_admin
from domain.operations.graph_reconcile import ReconcileCounts
from domain.operations.graph_reports import GraphReport
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn

REPORTS = "/graph/reports"
FAR = datetime(2100, 1, 1, tzinfo=UTC)
"""Newer than any report that the schedule adds meanwhile."""
FOUND = ReconcileCounts(users_mongo=7, users_graph=8, missing=1, extra=2, stale=3, repaired=6, unreadable=("aa" * 12,))


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    admin = await make_account(resources)
    await make_admin(resources, admin.person.username)
    return admin


@pytest.fixture
async def kept(resources: Resources) -> AsyncIterator[list[GraphReport]]:
    """Three reports, oldest first."""
    keys = [resources.hashes.new_object_id() for _ in range(3)]
    reports = [GraphReport(key, FAR + timedelta(hours=hour), FOUND) for hour, key in enumerate(keys)]
    for report in reports:
        await resources.operations.graph_reports.save(report)
    yield reports
    await resources.clients.database["graph_reports"].delete_many({"_id": {"$in": [ObjectId(key) for key in keys]}})


async def page(api: httpx.AsyncClient, admin: SignedIn, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = data(await api.get(REPORTS, params=query, headers=admin.bearer))
    return found


def times(page: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(report["at"]) for report in page["reports"]]


async def test_report_has_its_counts(api: httpx.AsyncClient, admin: SignedIn, kept: list[GraphReport]) -> None:
    newest = (await page(api, admin))["reports"][0]

    assert newest == {
        "at": "2100-01-01T02:00:00.000Z",
        "users_mongo": 7,
        "users_graph": 8,
        "missing": 1,
        "extra": 2,
        "stale": 3,
        "repaired": 6,
    }


async def test_reports_come_newest_first_by_number_and_by_cursor(
    api: httpx.AsyncClient, admin: SignedIn, kept: list[GraphReport]
) -> None:
    first = await page(api, admin, limit=2)
    by_number = await page(api, admin, limit=2, page=1)
    by_cursor = await page(api, admin, limit=2, cursor=first["meta"]["next_cursor"])

    assert times(first) == [kept[2].at, kept[1].at]
    assert times(by_number)[0] == times(by_cursor)[0] == kept[0].at
    assert first["meta"]["total"] >= 3


async def test_malformed_cursor_is_refused(api: httpx.AsyncClient, admin: SignedIn) -> None:
    response = await api.get(REPORTS, params={"cursor": "x"}, headers=admin.bearer)

    assert refusal(response) == (422, "InvalidInput")


async def test_user_who_is_no_admin_is_refused(api: httpx.AsyncClient, resources: Resources) -> None:
    someone = await make_account(resources)

    assert refusal(await api.get(REPORTS, headers=someone.bearer)) == (403, "Forbidden")
