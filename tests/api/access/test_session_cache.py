"""What a process remembers of sessions: for ten seconds, and only until it hears that something has changed."""

from dataclasses import replace

import pytest

from adapters.redis.notification_publisher import Push, Pushed
from adapters.redis.session_invalidations import Hint, Hinted, SessionHints
from adapters.redis.subscriptions import Missed
from api.access.session_cache import MOST, KnownSessions
from tests.support.builders import SESSION, USER

SESSION_ID = SESSION.session_id


class FakeHints(SessionHints):
    """Remembers what was hinted at."""

    def __init__(self) -> None:
        self.sent: list[Hint] = []

    async def session_ended(self, session_id: str) -> None:
        self.sent.append(Hint(Hinted.SESSION, session_id))

    async def account_changed(self, user_id: str) -> None:
        self.sent.append(Hint(Hinted.USER, user_id))


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


@pytest.mark.parametrize(
    "hint", [Missed(SESSION.created_at), Hint(Hinted.SESSION, SESSION_ID), Hint(Hinted.USER, USER.user_id)]
)
def test_hint_of_another_process_is_followed(known: KnownSessions, hint: Hint | Missed) -> None:
    known.heed(hint)

    assert known.find(SESSION_ID, 1) is None


def test_news_of_somebody_change_nothing_that_is_known(known: KnownSessions) -> None:
    known.heed(Push(USER.user_id, Pushed.STORED, 1))

    assert known.find(SESSION_ID, 1) == (SESSION, USER)
