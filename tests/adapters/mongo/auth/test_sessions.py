"""Sessions in MongoDB: opened once, moved on by one, confirmed once, ended for good."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.auth.devices import DeviceInfo
from domain.auth.sessions import AuthStrength, NewSession, Session, new_session
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import Role
from tests.support.accounts import make_account
from tests.support.people import SignedIn

DEVICE = DeviceInfo("a keyed hash", "Firefox 145", "Linux")


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture
def opening(someone: SignedIn, resources: Resources) -> NewSession:
    """A session on a device just proved, not opened yet."""
    return new_session(
        event(resources, someone, EventKind.SIGNED_IN, datetime.now(UTC).replace(microsecond=0)),
        DEVICE,
        session_id=resources.hashes.new_object_id(),
        username=someone.person.username,
        role=Role.USER,
        device_id=resources.hashes.new_object_id(),
        app="decode",
        auth_strength=(AuthStrength.PASSWORD,),
        epoch=0,
        trusts_device=True,
    )


@pytest.fixture
def session(opening: NewSession) -> Session:
    return opening.session


def event(resources: Resources, someone: SignedIn, kind: EventKind, at: datetime) -> SecurityEvent:
    return SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], kind, at)


async def stored(resources: Resources, session: Session) -> dict[str, Any]:
    document = await resources.clients.database["sessions"].find_one({"_id": ObjectId(session.session_id)})
    assert document is not None
    return document


async def test_session_is_read_as_it_was_opened(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sessions.open(opening)

    found = await resources.auth.sessions.find_with_user(session.session_id)

    assert found is not None
    assert found[0] == session


async def test_opening_twice_is_opening_once(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sessions.open(opening)
    before = await stored(resources, session)

    await resources.auth.sessions.open(replace(opening, session=replace(session, app="other")))

    assert await stored(resources, session) == before


async def test_opening_again_does_not_revive_a_revoked_session(
    resources: Resources, opening: NewSession, session: Session
) -> None:
    await resources.auth.sessions.open(opening)
    await resources.auth.sessions.end(session.session_id, datetime.now(UTC))

    await resources.auth.sessions.open(opening)

    assert (await stored(resources, session))["is_active"] is False


async def test_second_session_on_a_device_finds_the_device(
    resources: Resources, opening: NewSession, session: Session
) -> None:
    second = replace(session, session_id=resources.hashes.new_object_id())
    await resources.auth.sessions.open(opening)

    await resources.auth.sessions.open(replace(opening, session=second, device=replace(DEVICE, browser="Firefox 146")))

    devices = resources.clients.database["device_fingerprints"]
    (device,) = await devices.find(
        {"fingerprint_hashed": DEVICE.fingerprint, "user_id": ObjectId(session.user_id)}
    ).to_list()
    assert (str(device["_id"]), device["browser"]) == (session.device_id, "Firefox 146")


async def test_refused_opening_is_no_login(resources: Resources, opening: NewSession, session: Session) -> None:
    before = await resources.users.users.find(session.user_id)

    is_open = await resources.auth.sessions.open(replace(opening, trusts_device=False))

    assert is_open is False
    assert await resources.users.users.find(session.user_id) == before


@pytest.mark.defect(87)
async def test_opening_is_the_last_login(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sessions.open(opening)

    user = await resources.users.users.find(session.user_id)

    assert user is not None
    assert user.last_login == session.created_at


async def test_one_of_fifty_moves_a_session_on(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sessions.open(opening)
    now = session.created_at + timedelta(seconds=1)

    moved = await asyncio.gather(
        *(resources.auth.sessions.advance_generation(session.session_id, generation=1, now=now) for _ in range(50))
    )

    (winner,) = [each for each in moved if each]
    assert (winner.generation, winner.last_used_at, winner.confirmed_at) == (2, now, None)
    assert (await stored(resources, session))["rotated_at"] == now


@pytest.mark.parametrize("late", [timedelta(days=14), timedelta(days=30)])
async def test_session_past_its_life_is_not_moved_on(
    resources: Resources, opening: NewSession, session: Session, late: timedelta
) -> None:
    await resources.auth.sessions.open(opening)

    assert (
        await resources.auth.sessions.advance_generation(
            session.session_id, generation=1, now=session.created_at + late
        )
        is None
    )


async def test_revoked_session_is_not_moved_on(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sessions.open(opening)
    await resources.auth.sessions.end(session.session_id, session.created_at)

    assert (
        await resources.auth.sessions.advance_generation(session.session_id, generation=1, now=session.created_at)
        is None
    )


async def test_first_sight_of_a_generation_counts(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sessions.open(opening)
    first, later = session.created_at + timedelta(seconds=1), session.created_at + timedelta(seconds=9)

    await resources.auth.sessions.confirm_generation(session.session_id, generation=1, now=first)
    await resources.auth.sessions.confirm_generation(session.session_id, generation=1, now=later)

    assert (await stored(resources, session))["confirmed_at"] == first


async def test_sight_of_an_older_generation_does_not_count(
    resources: Resources, opening: NewSession, session: Session
) -> None:
    await resources.auth.sessions.open(opening)
    await resources.auth.sessions.advance_generation(session.session_id, generation=1, now=session.created_at)

    await resources.auth.sessions.confirm_generation(session.session_id, generation=1, now=session.created_at)

    assert (await stored(resources, session))["confirmed_at"] is None


async def test_revoking_again_keeps_the_first_reason(
    resources: Resources, someone: SignedIn, opening: NewSession, session: Session
) -> None:
    await resources.auth.sessions.open(opening)
    reused = event(resources, someone, EventKind.SESSION_REUSED, session.created_at)
    await resources.auth.sessions.revoke(session.session_id, reused)

    await resources.auth.sessions.end(session.session_id, datetime.now(UTC))

    document = await stored(resources, session)
    assert (document["revoke_reason"], document["revoked_at"]) == ("session_reused", session.created_at)


@pytest.mark.defect(30, 103)
async def test_no_token_is_stored(resources: Resources, someone: SignedIn) -> None:
    document = await resources.clients.database["sessions"].find_one({"_id": ObjectId(someone.session["_id"])})

    assert someone.session["session_token"].rpartition(".")[2] not in str(document)
    assert someone.session["access_token"] not in str(document)
