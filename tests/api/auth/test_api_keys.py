"""API keys over HTTP: create, list, change, rotate, revoke."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.api_keys import SCOPES, make_key, rotate, with_key
from tests.support.envelope import Json, data, refusal
from tests.support.occurrences import documents_of_request
from tests.support.people import SignedIn
from tests.support.signed_in import forget_step_up, on_device

ME = "/users/profile/me"
UNKNOWN = "/api-keys/" + "0" * 24
BODY = {"name": "report", "scopes": SCOPES}


async def revoke(api: httpx.AsyncClient, owner: SignedIn, key: Json) -> httpx.Response:
    return await api.delete(f"/api-keys/{key['_id']}", headers=on_device(owner))


async def answers_to(api: httpx.AsyncClient, *secrets: str) -> list[int]:
    return [(await api.get(ME, headers=with_key(secret))).status_code for secret in secrets]


def as_unused(key: Json) -> Json:
    """A shown key as it was before its first use, which is written at any time within ten seconds."""
    return key | {"last_used_at": None, "last_used_network": None}


async def test_new_key_acts_as_its_owner_and_is_shown_without_its_secret(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    key, secret = await make_key(api, someone, networks=[], limit={"count": 100, "seconds": 60})

    profile = data(await api.get(ME, headers=with_key(secret)))
    shown = await api.get(f"/api-keys/{key['_id']}", headers=someone.bearer)

    assert profile["username"] == someone.person.username
    assert secret.startswith(key["prefix"] + "_")
    assert as_unused(data(shown)) == key
    assert secret[len(key["prefix"]) + 1 :] not in shown.text


async def test_nothing_that_opens_a_key_is_stored(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    key, secret = await make_key(api, someone)

    stored = await resources.clients.database["api_keys"].find_one({"_id": ObjectId(key["_id"])})

    assert secret.removeprefix(key["prefix"])[1:] not in str(stored)


async def test_key_ends_after_its_days(api: httpx.AsyncClient, someone: SignedIn) -> None:
    key, _ = await make_key(api, someone, expires_in_days=365)

    left = datetime.fromisoformat(key["expires_at"]) - datetime.now(UTC)

    assert timedelta(days=364) < left <= timedelta(days=365)


async def test_scope_that_the_caller_lacks_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    body = {**BODY, "scopes": ["audit:read"]}

    assert refusal(await api.post("/api-keys", json=body, headers=on_device(someone))) == (422, "InvalidInput")


async def test_repeat_with_the_same_key_gives_the_same_api_key(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    headers = on_device(someone) | key

    answers = await asyncio.gather(*[api.post("/api-keys", json=BODY, headers=headers) for _ in range(3)])

    issued = data(answers[0], 201)
    assert [data(answer, 201) for answer in answers] == [issued] * 3
    assert await answers_to(api, issued["secret"]) == [200]
    assert len(data(await api.get("/api-keys", headers=someone.bearer))["keys"]) == 1


async def test_repeat_of_a_rotation_gives_the_same_secret(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    made, _ = await make_key(api, someone)
    url, headers = f"/api-keys/{made['_id']}/rotate", on_device(someone) | key

    first, again = [data(await api.post(url, json={}, headers=headers)) for _ in range(2)]

    assert first == again
    assert len(first["key"]["secrets"]) == 2


async def forget_answer(resources: Resources, owner: SignedIn, route: str, key: dict[str, str]) -> None:
    """As when its day is over."""
    request_key = resources.hashes.request_key(owner.user["_id"], route, key["Idempotency-Key"])
    over = {"$set": {"expires_at": datetime.now(UTC)}}
    await resources.clients.database["idempotency"].update_one({"_id": request_key}, over)


async def test_idempotency_key_makes_another_api_key_the_day_after(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, key: dict[str, str]
) -> None:
    headers = on_device(someone) | key
    first = data(await api.post("/api-keys", json=BODY, headers=headers), 201)
    await forget_answer(resources, someone, "POST /api-keys", key)

    second = data(await api.post("/api-keys", json=BODY, headers=headers), 201)

    assert first["key"]["_id"] != second["key"]["_id"]
    assert await answers_to(api, first["secret"], second["secret"]) == [200, 200]


async def test_idempotency_key_rotates_to_another_secret_the_day_after(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, key: dict[str, str]
) -> None:
    """The secret of the day before may have leaked since."""
    made, _ = await make_key(api, someone)
    url, headers = f"/api-keys/{made['_id']}/rotate", on_device(someone) | key
    first = data(await api.post(url, json={"overlap_seconds": 0}, headers=headers))["secret"]
    await forget_answer(resources, someone, "POST /api-keys/{key_id}/rotate", key)

    second = data(await api.post(url, json={"overlap_seconds": 0}, headers=headers))["secret"]

    assert await answers_to(api, first, second) == [401, 200]


async def test_one_idempotency_key_for_two_api_keys_is_refused(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str]
) -> None:
    one, other = [(await make_key(api, someone))[0] for _ in range(2)]
    headers = on_device(someone) | key
    await api.post(f"/api-keys/{one['_id']}/rotate", json={}, headers=headers)

    answer = await api.post(f"/api-keys/{other['_id']}/rotate", json={}, headers=headers)

    assert refusal(answer) == (409, "IdempotencyKeyReused")


async def test_rotated_key_works_with_both_secrets_and_rotated_again_without_the_oldest(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    key, first = await make_key(api, someone)
    second = await rotate(api, someone, key)
    assert await answers_to(api, first, second) == [200, 200]

    third = await rotate(api, someone, key)

    assert await answers_to(api, first, second, third) == [401, 200, 200]


async def test_rotation_without_overlap_ends_the_old_secret_at_once(api: httpx.AsyncClient, someone: SignedIn) -> None:
    key, first = await make_key(api, someone)
    assert await answers_to(api, first) == [200]

    second = await rotate(api, someone, key, overlap_seconds=0)

    assert await answers_to(api, first, second) == [401, 200]


async def test_revoked_key_works_no_more_and_is_no_longer_listed(api: httpx.AsyncClient, someone: SignedIn) -> None:
    key, secret = await make_key(api, someone)
    assert await answers_to(api, secret) == [200]

    revoked = [(await revoke(api, someone, key)).status_code for _ in range(2)]

    assert revoked == [200, 200]
    assert await answers_to(api, secret) == [401]
    assert data(await api.get("/api-keys", headers=someone.bearer))["keys"] == []


async def test_changed_key_keeps_what_was_not_named(api: httpx.AsyncClient, someone: SignedIn) -> None:
    key, _ = await make_key(api, someone, limit={"count": 5, "seconds": 60}, networks=["203.0.113.0/24"])

    url, headers = f"/api-keys/{key['_id']}", on_device(someone)
    named = data(await api.patch(url, json={"name": "other", "scopes": ["profile:read"]}, headers=headers))
    opened = data(await api.patch(url, json={"limit": None, "networks": []}, headers=headers))

    assert named == key | {"name": "other", "scopes": ["profile:read"]}
    assert opened == named | {"limit": None, "networks": []}


async def test_key_gets_no_further_scope(api: httpx.AsyncClient, someone: SignedIn) -> None:
    key, _ = await make_key(api, someone, ["profile:read"])

    url, wider = f"/api-keys/{key['_id']}", {"scopes": ["profile:read", "users:read"]}
    answer = await api.patch(url, json=wider, headers=on_device(someone))

    assert refusal(answer) == (422, "InvalidInput")


async def test_key_of_another_user_is_not_found(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    key, secret = await make_key(api, await make_account(resources))
    url, headers = f"/api-keys/{key['_id']}", on_device(someone)

    answers = [
        await api.get(url, headers=headers),
        await api.get(f"{url}/usage", headers=headers),
        await api.patch(url, json={"name": "mine"}, headers=headers),
        await api.post(f"{url}/rotate", json={}, headers=headers),
        await api.delete(url, headers=headers),
    ]

    assert [refusal(answer) for answer in answers] == [(404, "ApiKeyNotFound")] * 5
    assert await answers_to(api, secret) == [200]


async def test_making_a_key_takes_a_recent_proof(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await forget_step_up(resources, someone.session["_id"])

    answer = await api.post("/api-keys", json=BODY, headers=on_device(someone))

    assert refusal(answer) == (403, "StepUpRequired")


async def test_twenty_keys_are_the_limit_and_one_that_has_ended_makes_room(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    keys = [(await make_key(api, someone))[0] for _ in range(20)]
    full = await api.post("/api-keys", json=BODY, headers=on_device(someone))
    assert refusal(full) == (409, "ApiKeyLimit")

    await revoke(api, someone, keys[0])
    over = {"$set": {"expires_at": datetime.now(UTC)}}
    await resources.clients.database["api_keys"].update_one({"_id": ObjectId(keys[1]["_id"])}, over)

    assert len([await make_key(api, someone) for _ in range(2)]) == 2


async def test_keys_end_with_all_sessions_of_their_owner(api: httpx.AsyncClient, someone: SignedIn) -> None:
    key, secret = await make_key(api, someone)
    assert await answers_to(api, secret) == [200]

    await api.post("/auth/session/revoke-all", json={"keep_current": True}, headers=on_device(someone))

    assert await answers_to(api, secret) == [401]
    (shown,) = data(await api.get("/api-keys", headers=someone.bearer))["keys"]
    assert as_unused(shown) == key | {"is_active": False}


async def test_change_of_a_key_is_told_to_its_owner(api: httpx.AsyncClient, someone: SignedIn) -> None:
    key, _ = await make_key(api, someone)
    await api.patch(f"/api-keys/{key['_id']}", json={"name": "x"}, headers=on_device(someone))
    await rotate(api, someone, key)
    await revoke(api, someone, key)

    events = data(await api.get("/auth/security-events", headers=on_device(someone)))["events"]

    kinds = ["api_key_revoked", "api_key_rotated", "api_key_updated", "api_key_created"]
    assert [event["kind"] for event in events[:4]] == kinds


@pytest.fixture
async def admin(resources: Resources, change_user: ChangeUser) -> SignedIn:
    admin = await make_account(resources)
    await change_user(admin.user["_id"], {"role": "admin"})
    return admin


async def test_admin_sees_and_revokes_keys_of_others_without_a_secret(
    api: httpx.AsyncClient, someone: SignedIn, admin: SignedIn
) -> None:
    key, secret = await make_key(api, someone)
    url = f"/users/{someone.user['_id']}/api-keys"

    listed = await api.get(url, headers=admin.bearer)
    revoked = await api.delete(f"{url}/{key['_id']}", headers=on_device(admin))

    assert data(listed)["keys"] == [key]
    assert (revoked.status_code, await answers_to(api, secret)) == (200, [401])


async def test_revocation_by_an_admin_is_theirs_in_the_journal_and_its_words_too(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, admin: SignedIn
) -> None:
    key, _ = await make_key(api, someone)
    url = f"/users/{someone.user['_id']}/api-keys/{key['_id']}"
    answer = await api.delete(url, headers=on_device(admin))

    (recorded,) = await documents_of_request(resources, answer.headers["x-request-id"])

    assert recorded["actor"] == {"kind": "user", "id": admin.user["_id"]}
    assert recorded["subject"] == {"kind": "user", "id": someone.user["_id"]}
    assert recorded["public"] == {"key": key["_id"], "scopes": " ".join(key["scopes"])}
    assert recorded.get("actor_words") or recorded.get("sealed_actor")
    assert recorded.get("subject_words", {}) == {}
    assert recorded.get("sealed_subject") is None
