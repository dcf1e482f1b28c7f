"""The export of an account in one file: complete, for its owner only, for a day."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from adapters.resources import Resources
from domain.social.interests import Interest
from tests.support.account_export import EXPORT, begin, fetch, file, ready
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.follower_snapshots import keep_day
from tests.support.graph import graph_users
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn
from tests.support.relationships import EPOCH_OF_TESTS, ids_of, make_block, make_follow
from tests.support.signed_in import forget_step_up, on_device, with_second_factor

NOUNS = {
    *("account", "devices", "sessions", "second_factor", "security_events", "notifications", "wallets", "mails"),
    *("followings", "followers", "blocked", "dismissed", "interests", "follower_snapshots", "pending_flows"),
    *("api_keys", "journal", "chats", "turns", "tool_calls", "model_usage"),
}
SINCE = "2026-01-01T00:00:00.000Z"


async def test_file_has_every_section(api: httpx.AsyncClient, someone: SignedIn) -> None:
    gathered = await file(api, someone)

    assert gathered.keys() == NOUNS
    (account,) = gathered["account"]
    assert (account["_id"], account["username"], account["email"]) == (
        someone.user["_id"],
        someone.person.username,
        someone.person.email,
    )
    assert len(gathered["sessions"]) == len(gathered["devices"]) == 1
    assert {event["kind"] for event in gathered["security_events"]} >= {"registered", "account_exported"}
    assert [flow["kind"] for flow in gathered["pending_flows"]] in ([], ["account_export"])


async def test_file_is_sent_as_an_attachment(api: httpx.AsyncClient, someone: SignedIn) -> None:
    response = await fetch(api, someone, await ready(api, someone))

    assert response.headers["content-type"] == "application/json"
    assert response.headers["content-disposition"].startswith("attachment")
    assert response.headers["cache-control"] == "no-store"


async def test_file_has_graph_edges_with_their_times(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    friend, stranger = [await make_account(resources) for _ in range(2)]
    for pair in ((someone, friend), (friend, someone)):
        await make_follow(resources, *pair)
    await make_block(resources, someone, stranger)
    await make_block(resources, stranger, someone)
    ends = await graph_users(resources, someone, friend)
    await resources.social.interests.add(ends[0], [Interest.AI], EPOCH_OF_TESTS)
    await resources.social.suggestions.dismiss(*ends, now=EPOCH_OF_TESTS, until=EPOCH_OF_TESTS)

    gathered = await file(api, someone)

    of_friend, of_stranger = [{"user_id": user_id} for user_id in ids_of(friend, stranger)]
    assert gathered["followings"] == gathered["followers"] == [of_friend | {"since": SINCE}]
    assert gathered["blocked"] == [of_stranger | {"since": SINCE}]
    assert gathered["dismissed"] == [of_friend | {"until": SINCE}]
    assert gathered["interests"] == [{"interest": "ai", "since": SINCE}]


async def test_file_has_follower_snapshots(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    other = (await make_account(resources)).user["_id"]
    await keep_day(resources, someone.user["_id"], date(2026, 3, 1), number=1, came=[other], full=[other])

    (day,) = (await file(api, someone))["follower_snapshots"]

    assert day.pop("_id")
    assert day == {
        "day": "2026-03-01T00:00:00.000Z",
        "followers_number": 1,
        "gained": 1,
        "lost": 0,
        "came": [other],
    }


async def test_file_writes_every_time_as_every_answer_does(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    friend = await make_account(resources)
    await make_follow(resources, someone, friend)
    await keep_day(resources, someone.user["_id"], date(2026, 3, 1), number=1)

    times = re.findall(r"\d{4}-\d\d-\d\d[^\"]*", json.dumps(await file(api, someone)))

    assert len(times) > 5
    assert [time for time in times if not re.fullmatch(r".{10}T\d\d:\d\d:\d\d\.\d{3}Z", time)] == []


async def test_file_has_notifications(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    await store_and_push(resources, someone.user["_id"], 2)

    gathered = await file(api, someone)

    messages = {row["message"] for row in gathered["notifications"]}
    assert messages >= {"It was number 0.", "It was number 1.", "A file with all your data was asked for."}


async def test_file_has_no_credentials(api: httpx.AsyncClient, resources: Resources) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    data(await api.post("/auth/step-up", json={"otp": await authenticator.next_otp()}, headers=on_device(someone)))

    text = json.dumps(await file(api, someone))

    secrets = [authenticator.secret, *authenticator.recovery_codes, someone.person.fingerprint, "argon2", "recovery"]
    secrets += [someone.session["session_token"], someone.session["access_token"]]
    assert [secret for secret in secrets if secret in text] == []


async def test_file_is_refused_to_others(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    flow_id = await ready(api, someone)
    other = await make_account(resources)

    assert refusal(await fetch(api, other, flow_id)) == (404, "FlowNotFound")
    assert refusal(await api.get(f"{EXPORT}/{flow_id}", headers=someone.bearer)) == (403, "DeviceNotTrusted")


async def test_file_expires_after_a_day(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    flow_id = await ready(api, someone)
    yesterday = {"$set": {"ready_until": datetime.now(UTC) - timedelta(seconds=1)}}
    key = {"flow_key": resources.hashes.workflow_key(flow_id), "part": ""}
    await resources.clients.database["exports"].update_one(key, yesterday)

    assert refusal(await fetch(api, someone, flow_id)) == (410, "FlowExpired")


async def test_file_whose_manifest_is_gone_has_expired(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    flow_id = await ready(api, someone)
    await resources.exports.delete(resources.hashes.workflow_key(flow_id))

    assert refusal(await fetch(api, someone, flow_id)) == (410, "FlowExpired")


@pytest.mark.parametrize("flow_id", ["x" + "A" * 32, "r" + "A" * 32, "nonsense"])
async def test_unknown_export_is_no_flow(api: httpx.AsyncClient, someone: SignedIn, flow_id: str) -> None:
    assert refusal(await fetch(api, someone, flow_id)) == (404, "FlowNotFound")


async def test_repeated_request_is_the_same_export(api: httpx.AsyncClient, someone: SignedIn) -> None:
    key = {"Idempotency-Key": f"export.{someone.person.username}"}

    first, second = [await begin(api, someone, **key) for _ in range(2)]

    assert first["flow_id"] == second["flow_id"]


async def test_same_key_of_another_user_is_another_export(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    key = {"Idempotency-Key": f"export.{someone.person.username}"}

    first = await begin(api, someone, **key)
    second = await begin(api, await make_account(resources), **key)

    assert first["flow_id"] != second["flow_id"]


async def test_export_without_step_up_is_refused(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await forget_step_up(resources, someone.session["_id"])

    assert refusal(await api.post(EXPORT, headers=on_device(someone))) == (403, "StepUpRequired")


async def test_export_is_cancelled_by_its_owner_only(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    flow_id = await ready(api, someone)
    cancel = f"/flows/{flow_id}/cancel"

    anonymous = await api.post(cancel)
    too_late = await api.post(cancel, headers=on_device(someone))

    assert refusal(anonymous) == (401, "NotAuthenticated")
    assert refusal(too_late) == (409, "FlowClosed")
