"""Sessions in MongoDB: moved on by one, confirmed once, ended for good."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.auth.sessions import NewSession, Session
from domain.journal.occurrences import OccurrenceType
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account
from tests.support.occurrences import occurrences_of
from tests.support.people import SignedIn


def event(resources: Resources, someone: SignedIn, kind: EventKind, at: datetime) -> SecurityEvent:
    return SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], kind, at)


async def stored(resources: Resources, session: Session) -> dict[str, Any]:
    document = await resources.clients.database["sessions"].find_one({"_id": ObjectId(session.session_id)})
    assert document is not None
    return document


async def test_one_of_fifty_moves_a_session_on(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sign_ins.open(opening)
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
    await resources.auth.sign_ins.open(opening)

    assert (
        await resources.auth.sessions.advance_generation(
            session.session_id, generation=1, now=session.created_at + late
        )
        is None
    )


async def test_revoked_session_is_not_moved_on(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sign_ins.open(opening)
    await resources.auth.sessions.end(session.session_id, session.created_at)

    assert (
        await resources.auth.sessions.advance_generation(session.session_id, generation=1, now=session.created_at)
        is None
    )


async def test_first_sight_of_a_generation_counts(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sign_ins.open(opening)
    first, later = session.created_at + timedelta(seconds=1), session.created_at + timedelta(seconds=9)

    await resources.auth.sessions.confirm_generation(session.session_id, generation=1, now=first)
    await resources.auth.sessions.confirm_generation(session.session_id, generation=1, now=later)

    assert (await stored(resources, session))["confirmed_at"] == first


async def test_sight_of_an_older_generation_does_not_count(
    resources: Resources, opening: NewSession, session: Session
) -> None:
    await resources.auth.sign_ins.open(opening)
    await resources.auth.sessions.advance_generation(session.session_id, generation=1, now=session.created_at)

    await resources.auth.sessions.confirm_generation(session.session_id, generation=1, now=session.created_at)

    assert (await stored(resources, session))["confirmed_at"] is None


async def test_revoking_again_keeps_the_first_reason(
    resources: Resources, someone: SignedIn, opening: NewSession, session: Session
) -> None:
    await resources.auth.sign_ins.open(opening)
    reused = event(resources, someone, EventKind.SESSION_REUSED, session.created_at)
    await resources.auth.sessions.revoke(session.session_id, reused)

    await resources.auth.sessions.end(session.session_id, datetime.now(UTC))

    document = await stored(resources, session)
    assert (document["revoke_reason"], document["revoked_at"]) == ("session_reused", session.created_at)


async def test_sessions_asked_for_together_are_each_with_its_own_user_and_device(
    resources: Resources, someone: SignedIn
) -> None:
    other = await make_account(resources)
    ids = [someone.session["_id"], resources.hashes.new_object_id(), other.session["_id"]]
    sessions = resources.auth.sessions

    with_users = await asyncio.gather(*map(sessions.find_with_user, ids))
    with_devices = await asyncio.gather(*map(sessions.find_with_device, ids))

    expected = [(ids[0], someone.user["_id"]), None, (ids[2], other.user["_id"])]
    assert [found and (found[0].session_id, found[1].user_id) for found in with_users] == expected
    assert [found and (found[0].session_id, found[1].user_id) for found in with_devices] == expected
    assert [found and found[0].device_id == found[2].device_id for found in with_devices] == [True, None, True]


@pytest.mark.defect(30, 103)
async def test_no_token_is_stored(resources: Resources, someone: SignedIn) -> None:
    document = await resources.clients.database["sessions"].find_one({"_id": ObjectId(someone.session["_id"])})

    assert someone.session["session_token"].rpartition(".")[2] not in str(document)
    assert someone.session["access_token"] not in str(document)


async def test_session_that_is_ended_twice_is_one_logout(
    resources: Resources, opening: NewSession, session: Session
) -> None:
    await resources.auth.sign_ins.open(opening)

    await resources.auth.sessions.end(session.session_id, session.created_at)
    await resources.auth.sessions.end(session.session_id, session.created_at + timedelta(seconds=1))

    logout = OccurrenceType.USER_LOGOUT
    assert await occurrences_of(resources, session.user_id, logout) == [(logout, {})]


async def test_end_of_a_session_that_was_revoked_is_no_logout(
    resources: Resources, opening: NewSession, session: Session
) -> None:
    await resources.auth.sign_ins.open(opening)
    revoked = SecurityEvent(
        resources.hashes.new_object_id(), session.user_id, EventKind.SESSION_REVOKED, session.created_at
    )
    assert await resources.auth.sessions.revoke(session.session_id, revoked)

    await resources.auth.sessions.end(session.session_id, session.created_at)

    assert await occurrences_of(resources, session.user_id, OccurrenceType.USER_LOGOUT) == []
