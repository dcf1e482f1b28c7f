"""Cache of the sessions read by this process within the last ten seconds, so that not every request reads MongoDB.

An invalidation here reaches every API process within a second, by a message over Redis. While Redis is unavailable the
ten seconds are the bound.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from adapters.redis.session_invalidations import InvalidationKind, SessionInvalidation, SessionInvalidations
from adapters.redis.subscriptions import Gap, PubSubEvent
from domain.auth.sessions import Session
from domain.users.users import User

TTL_SECONDS = 9.0
"""The promised bound is ten; the tenth second covers the request in progress."""
MAX_SESSIONS = 10_000
MAX_INVALIDATIONS = 1_000
"""Invalidations remembered, for the reads that began before them. A read older than all of them is not cached."""


@dataclass(frozen=True)
class _CachedSession:
    session: Session
    user: User
    read_at: float


class SessionCache:
    """Sessions and accounts by session id. `clock`: monotonic time in seconds."""

    def __init__(self, invalidations: SessionInvalidations, clock: Callable[[], float] = time.monotonic) -> None:
        self._invalidations = invalidations
        self._clock = clock
        self._cached: OrderedDict[str, _CachedSession] = OrderedDict()
        self._of_user: dict[str, set[str]] = {}
        """The ids of the cached sessions by user id."""
        self._version = 0
        self._invalidated: OrderedDict[str, int] = OrderedDict()
        """The version of the last invalidation by session or user id, oldest first."""
        self._oldest_version = 0
        """Reads that began before this version may have missed an invalidation that is no longer remembered."""

    @property
    def version(self) -> int:
        """Number of invalidations. Take it before reading a session: one of that session or user makes it stale."""
        return self._version

    def find(self, session_id: str, generation: int) -> tuple[Session, User] | None:
        """Return the cached session and user. None if unknown, expired, or of an older generation than the token."""
        known = self._cached.get(session_id)
        if known is None or known.session.generation < generation:
            return None
        if self._clock() - known.read_at >= TTL_SECONDS:
            self._drop(session_id)
            return None
        return known.session, known.user

    def put(self, session: Session, user: User, version: int) -> None:
        """Cache what was just read, unless the session or its user was invalidated since `version`."""
        invalidated = (self._invalidated.get(target, 0) for target in (session.session_id, user.user_id))
        if version < max(self._oldest_version, *invalidated):
            return
        self._cached[session.session_id] = _CachedSession(session, user, self._clock())
        self._cached.move_to_end(session.session_id)
        self._of_user.setdefault(user.user_id, set()).add(session.session_id)
        if len(self._cached) > MAX_SESSIONS:
            self._drop(next(iter(self._cached)))

    async def invalidate_session(self, session_id: str) -> None:
        """Remove the session here at once, and in other processes within a second."""
        self._invalidate(SessionInvalidation(InvalidationKind.SESSION, session_id))
        await self._invalidations.publish_session_ended(session_id)

    async def invalidate_user(self, user_id: str) -> None:
        """Remove all sessions of the account, here and elsewhere: its epoch, role or status has changed."""
        self._invalidate(SessionInvalidation(InvalidationKind.USER, user_id))
        await self._invalidations.publish_account_changed(user_id)

    def handle(self, event: PubSubEvent) -> None:
        """Apply another process's invalidation. A gap in the subscription clears the cache: messages may be lost."""
        if isinstance(event, Gap):
            self._invalidate_all()
        elif isinstance(event, SessionInvalidation):
            self._invalidate(event)

    def _invalidate(self, invalidation: SessionInvalidation) -> None:
        self._remember(invalidation.target_id)
        if invalidation.kind is InvalidationKind.SESSION:
            self._drop(invalidation.target_id)
        else:
            for session_id in list(self._of_user.get(invalidation.target_id, ())):
                self._drop(session_id)

    def _invalidate_all(self) -> None:
        self._version += 1
        self._oldest_version = self._version
        self._invalidated.clear()
        self._cached.clear()
        self._of_user.clear()

    def _remember(self, target_id: str) -> None:
        self._version += 1
        self._invalidated[target_id] = self._version
        self._invalidated.move_to_end(target_id)
        if len(self._invalidated) > MAX_INVALIDATIONS:
            _, self._oldest_version = self._invalidated.popitem(last=False)

    def _drop(self, session_id: str) -> None:
        known = self._cached.pop(session_id, None)
        if known is None:
            return
        of_user = self._of_user[known.user.user_id]
        of_user.discard(session_id)
        if not of_user:
            del self._of_user[known.user.user_id]
