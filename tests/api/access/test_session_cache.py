"""The session cache of a process: entries live for less than ten seconds and are dropped by invalidations."""

from collections import deque
from dataclasses import replace

import pytest

from adapters.redis.notification_publisher import Push, PushKind
from adapters.redis.session_invalidations import InvalidationKind, SessionInvalidation, SessionInvalidations
from adapters.redis.subscriptions import Gap
from api.access.known import MAX_ENTRIES, MAX_FORGOTTEN
from api.access.session_cache import SessionCache
from tests.support.builders import API_KEY as KEY
from tests.support.builders import SESSION, USER

SESSION_ID = SESSION.session_id
OF_TOO_MANY_USERS = [
    SessionInvalidation(InvalidationKind.USER, f"{number:024x}") for number in range(MAX_FORGOTTEN + 1)
]


class FakeInvalidations(SessionInvalidations):
    """Keeps the published invalidations."""

    def __init__(self) -> None:
        self.sent: list[SessionInvalidation] = []

    async def publish_session_ended(self, session_id: str) -> None:
        self.sent.append(SessionInvalidation(InvalidationKind.SESSION, session_id))

    async def publish_account_changed(self, user_id: str) -> None:
        self.sent.append(SessionInvalidation(InvalidationKind.USER, user_id))

    async def publish_key_changed(self, prefix: str) -> None:
        self.sent.append(SessionInvalidation(InvalidationKind.KEY, prefix))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def invalidations() -> FakeInvalidations:
    return FakeInvalidations()


@pytest.fixture
def known(invalidations: FakeInvalidations, clock: Clock) -> SessionCache:
    """A cache with one session, just read."""
    known = SessionCache(invalidations, clock)
    known.put(SESSION, USER, known.version)
    return known


def test_entry_expires_within_ten_seconds(known: SessionCache, clock: Clock) -> None:
    clock.now = 8.9
    assert known.find(SESSION_ID, 1) == (SESSION, USER)

    clock.now = 9.0
    assert known.find(SESSION_ID, 1) is None


def test_newer_generation_is_not_cached(known: SessionCache) -> None:
    assert known.find(SESSION_ID, 2) is None


async def test_ended_session_is_dropped_and_published(known: SessionCache, invalidations: FakeInvalidations) -> None:
    await known.invalidate_session(SESSION_ID)

    assert known.find(SESSION_ID, 1) is None
    assert invalidations.sent == [SessionInvalidation(InvalidationKind.SESSION, SESSION_ID)]


async def test_changed_account_is_dropped_with_all_its_sessions(
    known: SessionCache, invalidations: FakeInvalidations
) -> None:
    other = replace(SESSION, session_id="0" * 24, user_id="1" * 24)
    known.put(other, replace(USER, user_id="1" * 24), known.version)

    await known.invalidate_user(USER.user_id)

    assert known.find(SESSION_ID, 1) is None
    assert known.find(other.session_id, 1) is not None


@pytest.mark.parametrize(
    "hint",
    [
        Gap(SESSION.created_at),
        SessionInvalidation(InvalidationKind.SESSION, SESSION_ID),
        SessionInvalidation(InvalidationKind.USER, USER.user_id),
    ],
    ids=["gap", "session", "user"],
)
def test_read_that_began_before_its_invalidation_is_not_kept(
    known: SessionCache, hint: SessionInvalidation | Gap
) -> None:
    version = known.version
    known.handle(hint)

    known.put(SESSION, USER, version)

    assert known.find(SESSION_ID, 1) is None


async def test_read_beside_the_sign_in_of_another_user_is_kept(known: SessionCache) -> None:
    version = known.version
    await known.invalidate_user("1" * 24)

    known.put(SESSION, replace(USER, username="read again"), version)

    assert known.find(SESSION_ID, 1) == (SESSION, replace(USER, username="read again"))


def test_read_older_than_all_remembered_invalidations_is_not_kept(known: SessionCache) -> None:
    version = known.version
    deque(map(known.handle, OF_TOO_MANY_USERS), maxlen=0)

    known.put(SESSION, replace(USER, username="late"), version)
    assert known.find(SESSION_ID, 1) == (SESSION, USER)

    known.put(SESSION, replace(USER, username="in time"), known.version)
    assert known.find(SESSION_ID, 1) == (SESSION, replace(USER, username="in time"))


def test_session_that_expired_and_was_read_again_is_dropped_with_its_user(known: SessionCache, clock: Clock) -> None:
    clock.now = 9.0
    assert known.find(SESSION_ID, 1) is None
    known.put(SESSION, USER, known.version)

    known.handle(SessionInvalidation(InvalidationKind.USER, USER.user_id))

    assert known.find(SESSION_ID, 1) is None


@pytest.mark.defect(28)
def test_size_is_bounded(known: SessionCache) -> None:
    for number in range(MAX_ENTRIES):
        known.put(replace(SESSION, session_id=f"{number:024x}"), USER, known.version)

    assert known.find(SESSION_ID, 1) is None
    assert known.find(f"{MAX_ENTRIES - 1:024x}", 1) is not None


@pytest.mark.parametrize(
    "hint",
    [
        Gap(SESSION.created_at),
        SessionInvalidation(InvalidationKind.SESSION, SESSION_ID),
        SessionInvalidation(InvalidationKind.USER, USER.user_id),
    ],
)
def test_invalidation_of_another_process_drops_the_entry(known: SessionCache, hint: SessionInvalidation | Gap) -> None:
    known.handle(hint)

    assert known.find(SESSION_ID, 1) is None


def test_push_event_drops_nothing(known: SessionCache) -> None:
    known.handle(Push(USER.user_id, PushKind.STORED, 1))

    assert known.find(SESSION_ID, 1) == (SESSION, USER)


@pytest.mark.parametrize(
    "hint",
    [
        Gap(SESSION.created_at),
        SessionInvalidation(InvalidationKind.KEY, KEY.prefix),
        SessionInvalidation(InvalidationKind.USER, USER.user_id),
    ],
    ids=["gap", "key", "owner"],
)
def test_key_goes_with_a_hint_about_itself_or_its_owner(known: SessionCache, hint: SessionInvalidation | Gap) -> None:
    known.keys.put(KEY.prefix, USER.user_id, (KEY, USER), known.keys.version)

    known.handle(hint)

    assert known.keys.find(KEY.prefix) is None


def test_key_is_kept_for_less_than_ten_seconds_without_hints(known: SessionCache, clock: Clock) -> None:
    known.keys.put(KEY.prefix, USER.user_id, (KEY, USER), known.keys.version)

    clock.now = 9.0

    assert known.keys.find(KEY.prefix) is None


def test_number_of_kept_keys_is_bounded(known: SessionCache) -> None:
    prefixes = [f"dk_test_{number:012}" for number in range(MAX_ENTRIES + 1)]
    for each in prefixes:
        known.keys.put(each, USER.user_id, (KEY, USER), known.keys.version)

    assert known.keys.find(prefixes[0]) is None
    assert known.keys.find(prefixes[-1]) == (KEY, USER)


async def test_revoked_key_is_dropped_and_published(known: SessionCache, invalidations: FakeInvalidations) -> None:
    known.keys.put(KEY.prefix, USER.user_id, (KEY, USER), known.keys.version)

    await known.invalidate_key(KEY.prefix)

    assert known.keys.find(KEY.prefix) is None
    assert invalidations.sent == [SessionInvalidation(InvalidationKind.KEY, KEY.prefix)]
