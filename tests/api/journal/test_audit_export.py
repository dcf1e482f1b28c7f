"""The export of the journal over HTTP: a step-up, a record of it, and a file for the user who asked."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.resources import Resources
from domain.journal.export_check import ExportCheck, parse_export
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.envelope import Json, data, fields, refusal
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import forget_step_up, on_device

EXPORT = "/audit/export"


@pytest.fixture
async def admin(resources: Resources, change_user: ChangeUser) -> SignedIn:
    return await make_admin(resources, change_user)


async def make_admin(resources: Resources, change_user: ChangeUser) -> SignedIn:
    admin = await make_account(resources)
    await change_user(admin.user["_id"], {"role": "admin"})
    return admin


async def begin(api: httpx.AsyncClient, admin: SignedIn, asked: Json | None = None, **headers: str) -> str:
    flow = data(await api.post(EXPORT, json=asked or {}, headers=on_device(admin) | headers), 202)
    assert flow["kind"] == "audit_export"
    return str(flow["flow_id"])


async def fetch(api: httpx.AsyncClient, admin: SignedIn, flow_id: str) -> httpx.Response:
    return await api.get(f"{EXPORT}/{flow_id}", headers=on_device(admin))


async def ready(api: httpx.AsyncClient, admin: SignedIn, asked: Json | None = None) -> str:
    """Start an export and wait until it can be fetched. Returns its flow id."""
    flow_id = await begin(api, admin, asked)

    async def is_ready() -> bool:
        return (await fetch(api, admin, flow_id)).status_code == 200

    await eventually(is_ready, within=60)
    return flow_id


async def test_whole_journal_is_a_file_that_verifies_without_us(api: httpx.AsyncClient, admin: SignedIn) -> None:
    response = await fetch(api, admin, await ready(api, admin))

    assert response.headers["content-type"] == "application/x-ndjson"
    assert response.headers["content-disposition"] == 'attachment; filename="decode-journal.ndjson"'
    lines = iter(response.content.splitlines(keepends=True))
    check = ExportCheck(parse_export(next(lines)), None)
    assert list(check.verify(lines))
    assert check.result.export.is_all


async def test_filtered_file_has_what_was_asked_for_and_its_record_is_in_the_journal(
    api: httpx.AsyncClient, admin: SignedIn
) -> None:
    asked = {"actor": admin.user["_id"], "type": "audit.*"}
    first = await ready(api, admin, asked)

    async def is_recorded() -> bool:
        own = data(await api.get("/users/me/audit?type=audit.exported", headers=admin.bearer))
        return bool(own["entries"])

    await eventually(is_recorded)
    second = await ready(api, admin, asked)
    assert first != second
    rows = [json.loads(line) for line in (await fetch(api, admin, second)).content.splitlines()]
    # The record of the second export is in the file if it had its number before the range was read.
    exported, *_ = [row for row in rows if row["kind"] == "entry"]
    assert (exported["type"], exported["public"]) == ("audit.exported", asked)
    assert exported["cause"].startswith("audit-export/")


async def test_file_is_refused_to_another_admin(
    api: httpx.AsyncClient, resources: Resources, change_user: ChangeUser, admin: SignedIn
) -> None:
    flow_id = await ready(api, admin, {"type": "audit.exported"})

    other = await make_admin(resources, change_user)

    assert refusal(await fetch(api, other, flow_id)) == (404, "FlowNotFound")


async def test_file_is_refused_to_an_admin_who_is_none_any_more(
    api: httpx.AsyncClient, change_user: ChangeUser, admin: SignedIn
) -> None:
    flow_id = await ready(api, admin, {"type": "audit.exported"})
    await change_user(admin.user["_id"], {"role": "user"})

    async def is_refused() -> bool:
        response = await fetch(api, admin, flow_id)
        return response.status_code == 403 and refusal(response) == (403, "Forbidden")

    await eventually(is_refused)


async def test_file_expires_after_a_day(api: httpx.AsyncClient, resources: Resources, admin: SignedIn) -> None:
    flow_id = await ready(api, admin, {"type": "audit.exported"})
    yesterday = {"$set": {"ready_until": datetime.now(UTC) - timedelta(seconds=1)}}
    key = {"flow_key": resources.hashes.workflow_key(flow_id), "part": ""}
    await resources.clients.database["exports"].update_one(key, yesterday)

    assert refusal(await fetch(api, admin, flow_id)) == (410, "FlowExpired")


async def test_repeated_request_is_the_same_export(api: httpx.AsyncClient, admin: SignedIn) -> None:
    key = {"Idempotency-Key": f"export.{admin.person.username}"}

    first, second = [await begin(api, admin, {"type": "audit.*"}, **key) for _ in range(2)]

    assert first == second


async def test_export_without_a_recent_proof_is_refused(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    await forget_step_up(resources, admin.session["_id"])

    assert refusal(await api.post(EXPORT, json={}, headers=on_device(admin))) == (403, "StepUpRequired")


async def test_export_by_a_user_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert refusal(await api.post(EXPORT, json={}, headers=on_device(someone))) == (403, "Forbidden")


async def test_bad_filter_is_refused_by_field(api: httpx.AsyncClient, admin: SignedIn) -> None:
    asked = {"type": "ghost.*", "actor": "a b", "from": 1, "to": "2026-01-31", "cause": "", "words": 1}

    response = await api.post(EXPORT, json=asked, headers=on_device(admin))

    assert fields(response) == {f"body.{name}" for name in asked}
