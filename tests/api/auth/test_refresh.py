"""Refresh of a session: lost answers do not sign the user out, and reuse of a stolen token is detected."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from tests.api.conftest import ChangeSession, ChangeUser
from tests.support.accounts import make_account
from tests.support.envelope import Json, data, fields, refusal
from tests.support.people import SignedIn

REFRESH = "/auth/session/refresh"


async def refresh(api: httpx.AsyncClient, token: str) -> httpx.Response:
    return await api.post(REFRESH, json={"session_token": token})


async def me(api: httpx.AsyncClient, session: Json) -> httpx.Response:
    return await api.get("/users/profile/me", headers={"Authorization": f"Bearer {session['access_token']}"})


@pytest.fixture
def first(someone: SignedIn) -> str:
    """The session token of the first generation."""
    return str(someone.session["session_token"])


async def test_refresh_gives_new_tokens_of_the_same_session(
    api: httpx.AsyncClient, someone: SignedIn, first: str
) -> None:
    session = data(await refresh(api, first))

    assert session.keys() == someone.session.keys()
    assert session["_id"] == someone.session["_id"]
    assert session["session_token"] != first
    assert session["access_token"] != someone.session["access_token"]
    assert session["expires_at"] == someone.session["expires_at"]
    assert data(await me(api, session))["_id"] == someone.user["_id"]


async def test_refreshes_make_a_chain(api: httpx.AsyncClient, first: str) -> None:
    second = data(await refresh(api, first))["session_token"]
    third = data(await refresh(api, second))["session_token"]

    assert len({first, second, third}) == 3


async def test_same_token_twice_gives_the_same_successor(api: httpx.AsyncClient, first: str) -> None:
    answers = [data(await refresh(api, first)) for _ in range(2)]

    assert answers[0]["session_token"] == answers[1]["session_token"]


@pytest.mark.defect(60)
async def test_two_hundred_concurrent_refreshes_of_one_token_get_one_successor(
    api: httpx.AsyncClient, first: str
) -> None:
    responses = await asyncio.gather(*(refresh(api, first) for _ in range(200)))

    assert len({data(each)["session_token"] for each in responses}) == 1


async def test_same_token_days_later_gets_the_same_unused_successor(
    api: httpx.AsyncClient, someone: SignedIn, first: str, change_session: ChangeSession
) -> None:
    successor = data(await refresh(api, first))["session_token"]
    slept = datetime.now(UTC) - timedelta(days=3)
    await change_session(someone.session["_id"], {"rotated_at": slept, "last_used_at": slept})

    assert data(await refresh(api, first))["session_token"] == successor


async def test_first_use_of_the_successor_starts_the_grace_of_its_predecessor(
    api: httpx.AsyncClient, someone: SignedIn, first: str, resources: Resources
) -> None:
    session = data(await refresh(api, first))
    await me(api, session)

    found = await resources.auth.sessions.find_with_user(someone.session["_id"])
    assert found is not None
    assert found[0].confirmed_at is not None
    assert data(await refresh(api, first))["session_token"] == session["session_token"]


@pytest.mark.defect(60)
async def test_token_used_again_after_the_grace_ends_the_session(
    api: httpx.AsyncClient, someone: SignedIn, first: str, change_session: ChangeSession
) -> None:
    session = data(await refresh(api, first))
    await change_session(someone.session["_id"], {"confirmed_at": datetime.now(UTC) - timedelta(seconds=31)})

    assert refusal(await refresh(api, first)) == (401, "SessionReused")
    assert refusal(await me(api, session)) == (401, "SessionRevoked")


async def test_token_two_generations_old_ends_the_session(
    api: httpx.AsyncClient, first: str, resources: Resources, someone: SignedIn
) -> None:
    second = data(await refresh(api, first))["session_token"]
    third = data(await refresh(api, second))

    assert refusal(await refresh(api, first)) == (401, "SessionReused")
    assert refusal(await refresh(api, third["session_token"])) == (401, "SessionRevoked")
    assert refusal(await me(api, third)) == (401, "SessionRevoked")
    events = resources.clients.database["security_events"]
    owner = {"user_id": ObjectId(someone.user["_id"])}
    kinds = [event["kind"] for event in await events.find(owner).sort("at").to_list()]
    assert kinds == ["registered", "session_reused"]


@pytest.mark.defect(60)
async def test_stolen_token_among_many_ends_its_session_alone(api: httpx.AsyncClient, resources: Resources) -> None:
    people = [await make_account(resources) for _ in range(9)]
    tokens = [str(each.session["session_token"]) for each in people]
    stolen = tokens[4]
    await refresh(api, data(await refresh(api, stolen))["session_token"])

    refreshed = await asyncio.gather(*(refresh(api, each) for each in tokens))

    used = [await me(api, each.session) for each in people]
    assert refusal(refreshed.pop(4)) == (401, "SessionReused")
    assert refusal(used.pop(4)) == (401, "SessionRevoked")
    assert {each.status_code for each in (*refreshed, *used)} == {200}


async def test_refreshes_that_meet_are_each_of_their_own_session(api: httpx.AsyncClient, resources: Resources) -> None:
    people = [await make_account(resources) for _ in range(8)]

    refreshed = await asyncio.gather(*(refresh(api, each.session["session_token"]) for each in people))

    sessions = [data(each) for each in refreshed]
    assert [each["_id"] for each in sessions] == [each.session["_id"] for each in people]
    assert [data(await me(api, each))["_id"] for each in sessions] == [each.user["_id"] for each in people]


async def test_reuse_in_one_session_keeps_the_others(api: httpx.AsyncClient, someone: SignedIn, first: str) -> None:
    other = data(await api.post("/auth/login", json=someone.person.credentials))
    second = data(await refresh(api, first))["session_token"]
    await refresh(api, second)

    await refresh(api, first)

    assert data(await me(api, other))["_id"] == someone.user["_id"]


async def test_logged_out_session_is_not_refreshed(api: httpx.AsyncClient, first: str) -> None:
    await api.post("/auth/session/logout", json={"session_token": first})

    assert refusal(await refresh(api, first)) == (401, "SessionRevoked")


async def test_expired_session_is_not_refreshed(
    api: httpx.AsyncClient, someone: SignedIn, first: str, change_session: ChangeSession
) -> None:
    await change_session(someone.session["_id"], {"expires_at": datetime.now(UTC) - timedelta(seconds=1)})

    assert refusal(await refresh(api, first)) == (401, "SessionExpired")


async def test_session_idle_for_a_fortnight_is_not_refreshed(
    api: httpx.AsyncClient, someone: SignedIn, first: str, change_session: ChangeSession
) -> None:
    await change_session(someone.session["_id"], {"last_used_at": datetime.now(UTC) - timedelta(days=14)})

    assert refusal(await refresh(api, first)) == (401, "SessionExpired")


@pytest.mark.parametrize("change", [{"session_epoch": 1}, {"is_active": False}], ids=["older epoch", "deactivated"])
async def test_session_refreshed_after_the_end_of_all_sessions_is_revoked(
    api: httpx.AsyncClient, first: str, someone: SignedIn, change_user: ChangeUser, change: dict[str, object]
) -> None:
    await change_user(someone.user["_id"], change)

    session = data(await refresh(api, first))

    assert refusal(await me(api, session)) == (401, "SessionRevoked")


async def test_generation_ahead_of_a_restored_store_is_expired_and_no_alarm(
    api: httpx.AsyncClient, someone: SignedIn, first: str, change_session: ChangeSession, resources: Resources
) -> None:
    ahead = data(await refresh(api, first))["session_token"]
    await change_session(someone.session["_id"], {"generation": 1})

    assert refusal(await refresh(api, ahead)) == (401, "SessionExpired")
    found = await resources.auth.sessions.find_with_user(someone.session["_id"])
    assert found is not None
    assert found[0].is_active


async def test_token_of_an_unknown_session_is_invalid(api: httpx.AsyncClient, resources: Resources) -> None:
    token = resources.auth.session_tokens.mint(resources.hashes.new_object_id(), 1)

    assert refusal(await refresh(api, token)) == (401, "SessionInvalid")


@pytest.mark.parametrize("token", ["x", "a.b.c.d", "dev1." + "0" * 24 + ".1." + "A" * 43, "é" * 40, "", "." * 5_000])
async def test_garbage_token_is_invalid(api: httpx.AsyncClient, token: str) -> None:
    assert refusal(await refresh(api, token)) == (401, "SessionInvalid")


@pytest.mark.parametrize("part", [0, 1, 2, 3])
async def test_token_with_a_changed_part_is_invalid(api: httpx.AsyncClient, first: str, part: int) -> None:
    parts = first.split(".")
    parts[part] = {0: "dev2", 1: "0" * 24, 2: "2", 3: "A" * 43}[part]

    assert refusal(await refresh(api, ".".join(parts))) == (401, "SessionInvalid")


async def test_access_token_is_no_session_token(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert refusal(await refresh(api, someone.session["access_token"][:512])) == (401, "SessionInvalid")


@pytest.mark.parametrize("token", [None, 7, ["x"]])
async def test_malformed_session_token_is_refused_by_its_field(api: httpx.AsyncClient, token: object) -> None:
    response = await api.post(REFRESH, json={"session_token": token})

    assert fields(response) == {"body.session_token"}
