"""Notifications over HTTP: the list, marking as read, the unread count, and the ticket for a socket."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.auth.tickets import TICKET_PURPOSE
from tests.support.accounts import make_account
from tests.support.envelope import Json, data, fields, refusal
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import on_device
from tests.support.sweep import SWEPT_SECONDS, trigger_sweep

LIST = "/notifications"
SHAPE = {
    *("_id", "seq", "user_id", "type", "title", "message", "data"),
    *("delivered", "delivered_at", "read", "read_at", "createdAt"),
}


async def listed(api: httpx.AsyncClient, someone: SignedIn, **query: str | int) -> Json:
    found: Json = data(await api.get(LIST, params=query, headers=someone.bearer))
    return found


async def numbers(api: httpx.AsyncClient, someone: SignedIn, **query: str | int) -> list[int]:
    return [row["seq"] for row in (await listed(api, someone, **query))["notifications"]]


async def unread(api: httpx.AsyncClient, someone: SignedIn) -> int:
    return int(data(await api.get(f"{LIST}/unread/count", headers=someone.bearer))["count"])


async def first_of(api: httpx.AsyncClient, someone: SignedIn) -> Json:
    """Return the newest, which is there already: it was stored before the answer to its cause."""
    newest: Json = (await listed(api, someone))["notifications"][0]
    return newest


async def test_sign_in_is_answered_with_its_notification_stored(api: httpx.AsyncClient, someone: SignedIn) -> None:
    data(await api.post("/auth/login", json=someone.person.credentials))

    notification = await first_of(api, someone)

    assert notification.keys() == SHAPE
    assert (notification["type"], notification["seq"], notification["read"]) == ("session_created", 1, False)
    assert notification["message"] == "You just signed in to decode using your decode account"


async def test_password_change_is_a_security_alert(api: httpx.AsyncClient, someone: SignedIn) -> None:
    body = {"old_password": someone.person.password, "new_password": "quite another pass phrase"}
    data(await api.post("/auth/password/change", json=body, headers=on_device(someone)))

    notification = await first_of(api, someone)

    assert (notification["type"], notification["title"]) == ("security_alert", "Password changed")


async def test_role_change_is_an_account_event(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    admin = await make_account(resources)
    role = {"$set": {"role": "admin"}}
    await resources.clients.database["users"].update_one({"_id": ObjectId(admin.user["_id"])}, role)
    body = {"user_id": someone.user["_id"], "role": "moderator"}
    data(await api.put("/users/profile/role", json=body, headers=admin.bearer))

    notification = await first_of(api, someone)

    assert (notification["type"], notification["data"]["kind"]) == ("account_event", "role_changed")


async def test_event_without_a_wake_up_is_notified_by_the_sweep(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    """As if the process had died between the write and the wake-up."""
    events = resources.clients.database["security_events"]
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    owed = {"kind": "password_changed", "notification_open_since": long_ago}
    await events.update_one({"user_id": ObjectId(someone.user["_id"])}, {"$set": owed})

    await trigger_sweep(resources)

    assert (await eventually(lambda: listed_once(api, someone), within=SWEPT_SECONDS))["title"] == "Password changed"


async def listed_once(api: httpx.AsyncClient, someone: SignedIn) -> Json | None:
    rows = (await listed(api, someone))["notifications"]
    return rows[0] if rows else None


async def test_pages_are_newest_first_without_gap_or_repeat(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"], 5)

    pages = [await numbers(api, someone, page=page, limit=2) for page in range(3)]

    assert pages == [[5, 4], [3, 2], [1]]


async def test_cursor_continues_after_the_page_despite_new_notifications(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"], 4)
    meta = (await listed(api, someone, limit=2))["meta"]
    await store_and_push(resources, someone.user["_id"])

    rest = await listed(api, someone, limit=2, cursor=meta["next_cursor"])

    assert (meta["total"], meta["is_last_page"]) == (4, False)
    assert [row["seq"] for row in rest["notifications"]] == [2, 1]
    assert (rest["meta"]["total"], rest["meta"]["next_cursor"]) == (5, None)


async def test_unread_filter_lists_unread_only(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    await store_and_push(resources, someone.user["_id"], 3)
    middle = (await listed(api, someone))["notifications"][1]
    data(await api.patch(f"{LIST}/{middle['_id']}/read", headers=someone.bearer))

    assert await numbers(api, someone, unread="true") == [3, 1]
    assert (await listed(api, someone, unread="true"))["meta"]["total"] == 2


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_marking_read_twice_changes_nothing(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, method: str
) -> None:
    await store_and_push(resources, someone.user["_id"], 2)
    newest = await first_of(api, someone)
    where = f"{LIST}/{newest['_id']}/read"

    first, second = [data(await api.request(method, where, headers=someone.bearer)) for _ in range(2)]

    assert first["read"] is True
    assert first == second
    assert await unread(api, someone) == 1


async def test_read_all_keeps_the_time_of_those_already_read(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await store_and_push(resources, someone.user["_id"], 3)
    read = data(await api.post(f"{LIST}/{(await first_of(api, someone))['_id']}/read", headers=someone.bearer))

    changed = [data(await api.patch(f"{LIST}/read-all", headers=someone.bearer))["changed"] for _ in range(2)]

    assert changed == [2, 0]
    assert await unread(api, someone) == 0
    assert (await first_of(api, someone))["read_at"] == read["read_at"]


async def test_notification_of_another_user_is_not_found(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    other = await make_account(resources)
    await store_and_push(resources, other.user["_id"])
    theirs = await first_of(api, other)

    refused = await api.patch(f"{LIST}/{theirs['_id']}/read", headers=someone.bearer)

    assert refusal(refused) == (404, "NotificationNotFound")
    assert await unread(api, other) == 1
    assert await numbers(api, someone) == []


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 16])
async def test_malformed_cursor_is_refused(api: httpx.AsyncClient, someone: SignedIn, cursor: str) -> None:
    assert fields(await api.get(LIST, params={"cursor": cursor}, headers=someone.bearer)) == {"query.cursor"}


async def test_ticket_is_stored_as_a_hash_with_its_session(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    ticket = data(await api.post(f"{LIST}/ticket", headers=someone.bearer), 201)

    kept = {"hash": resources.hashes.socket_ticket_hash(ticket["ticket"]), "purpose": TICKET_PURPOSE}
    found = await resources.clients.database["tickets"].find_one(kept)
    assert ticket["expires_in"] == 30
    assert found is not None
    assert found["value"] == {"session_id": someone.session["_id"], "user_id": someone.user["_id"]}


async def test_ticket_requested_twice_with_one_key_is_one_ticket(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    first, second = [data(await api.post(f"{LIST}/ticket", headers=someone.bearer | key), 201) for _ in range(2)]
    other = data(await api.post(f"{LIST}/ticket", headers=someone.bearer), 201)

    assert first == second
    assert other["ticket"] != first["ticket"]
