"""What a process remembers of sessions: for ten seconds, and only until it hears that something has changed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.redis.session_hints import Hint, Hinted, SessionHints
from api.known_sessions import MOST, KnownSessions, listening
from tests.builders import SESSION, USER
from tests.waiting import eventually

SESSION_ID = SESSION.session_id


class FakeHints(SessionHints):
    """Hints of another process, one after the other; then Redis is quiet."""

    def __init__(self, *hints: Hint | None) -> None:
        self.sent: list[Hint] = []
        self._hints = hints

    async def session_ended(self, session_id: str) -> None:
        self.sent.append(Hint(Hinted.SESSION, session_id))

    async def account_changed(self, user_id: str) -> None:
        self.sent.append(Hint(Hinted.USER, user_id))

    async def listen(self) -> AsyncIterator[Hint | None]:
        for hint in self._hints:
            yield hint
        await asyncio.Event().wait()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hints() -> FakeHints:
    return FakeHints()


@pytest.fixture
def known(hints: FakeHints, clock: Clock) -> KnownSessions:
    """Has just read one session."""
    known = KnownSessions(hints, clock)
    known.keep(SESSION, USER, known.mark)
    return known


def test_what_was_read_is_forgotten_before_ten_seconds_are_over(known: KnownSessions, clock: Clock) -> None:
    clock.now = 8.9
    assert known.find(SESSION_ID, 1) == (SESSION, USER)

    clock.now = 9.0
    assert known.find(SESSION_ID, 1) is None


def test_newer_generation_is_news(known: KnownSessions) -> None:
    assert known.find(SESSION_ID, 2) is None


async def test_ended_session_is_forgotten_and_hinted_at(known: KnownSessions, hints: FakeHints) -> None:
    await known.session_ended(SESSION_ID)

    assert known.find(SESSION_ID, 1) is None
    assert hints.sent == [Hint(Hinted.SESSION, SESSION_ID)]


async def test_changed_account_is_forgotten_with_all_its_sessions(known: KnownSessions, hints: FakeHints) -> None:
    other = replace(SESSION, session_id="0" * 24, user_id="1" * 24)
    known.keep(other, replace(USER, user_id="1" * 24), known.mark)

    await known.account_changed(USER.user_id)

    assert known.find(SESSION_ID, 1) is None
    assert known.find(other.session_id, 1) is not None


async def test_what_was_read_before_a_change_is_not_kept(known: KnownSessions) -> None:
    mark = known.mark
    await known.session_ended("0" * 24)

    known.keep(SESSION, replace(USER, username="late"), mark)

    assert known.find(SESSION_ID, 1) == (SESSION, USER)


@pytest.mark.defect(28)
def test_room_is_bounded(known: KnownSessions) -> None:
    for number in range(MOST):
        known.keep(replace(SESSION, session_id=f"{number:024x}"), USER, known.mark)

    assert known.find(SESSION_ID, 1) is None
    assert known.find(f"{MOST - 1:024x}", 1) is not None


@pytest.mark.parametrize("hint", [None, Hint(Hinted.SESSION, SESSION_ID), Hint(Hinted.USER, USER.user_id)])
async def test_hint_of_another_process_is_followed(hint: Hint | None) -> None:
    async with listening(FakeHints(hint)) as known:
        mark = known.mark
        known.keep(SESSION, USER, mark)

        async def heard() -> bool:
            return known.mark > mark

        await eventually(heard)
        assert known.find(SESSION_ID, 1) is None
