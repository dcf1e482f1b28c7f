"""Snapshots triggered by an admin: a flow for admins only, one per key, one snapshot per account and day."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from api.operations.admin import make_admin
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.graph import follow, project
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import on_device

TRIGGER = "/relationship/snapshot/trigger"


@pytest.fixture
async def admin(resources: Resources) -> SignedIn:
    admin = await make_account(resources)
    await make_admin(resources, admin.person.username)
    return admin


@pytest.fixture
async def popular(resources: Resources) -> SignedIn:
    """An account with a follower and without a snapshot."""
    popular, fan = await make_account(resources), await make_account(resources)
    await project(resources, popular, fan)
    await follow(resources, fan, popular)
    return popular


async def trigger(api: httpx.AsyncClient, by: SignedIn, **headers: str) -> dict[str, Any]:
    flow: dict[str, Any] = data(await api.post(TRIGGER, headers=by.bearer | headers), 202)
    return flow


async def completed(api: httpx.AsyncClient, flow_id: str) -> None:
    async def is_over() -> bool:
        return bool(data(await api.get(f"/flows/{flow_id}"))["state"] == "completed")

    await eventually(is_over, within=60)


async def points(api: httpx.AsyncClient, whose: SignedIn) -> list[dict[str, Any]]:
    path = f"/relationship/snapshot/last-month/{whose.user['_id']}"
    found: list[dict[str, Any]] = data(await api.get(path, headers=whose.bearer))
    return found


@pytest.mark.defect(68, 69)
async def test_snapshot_flow_stores_one_day_per_account_once(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn, popular: SignedIn
) -> None:
    flow = await trigger(api, admin)
    await completed(api, flow["flow_id"])
    before = await points(api, popular)
    await follow(resources, admin, popular)

    await completed(api, (await trigger(api, admin))["flow_id"])

    assert flow["kind"] == "follower_snapshots"
    assert flow.keys() == {
        *("flow_id", "kind", "state", "next", "expires_at", "attempts_left", "resend_available_at"),
    }
    assert [(point["followers_number"], point["gained"]) for point in before] == [(1, 0)]
    assert before[0]["snapshot_at"].startswith(datetime.now(UTC).date().isoformat())
    assert await points(api, popular) == before


async def test_same_key_is_the_same_flow(api: httpx.AsyncClient, admin: SignedIn, key: dict[str, str]) -> None:
    first, second = [await trigger(api, admin, **key) for _ in range(2)]
    other = await trigger(api, admin)

    assert first["flow_id"] == second["flow_id"] != other["flow_id"]


async def test_snapshot_is_cancelled_by_admins_only(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    flow_id = (await trigger(api, admin))["flow_id"]
    await completed(api, flow_id)
    cancel, someone = f"/flows/{flow_id}/cancel", await make_account(resources)
    colleague = await make_account(resources)
    await make_admin(resources, colleague.person.username)

    anonymous = await api.post(cancel)
    stranger = await api.post(cancel, headers=on_device(someone))
    too_late = await api.post(cancel, headers=colleague.bearer)

    assert refusal(anonymous) == (401, "NotAuthenticated")
    assert refusal(stranger) == (403, "Forbidden")
    assert refusal(too_late) == (409, "FlowClosed")
