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
        self._invalidation_count = 0

    @property
    def version(self) -> int:
        """Number of invalidations. Take it before reading a session: if it changes meanwhile, the read may be stale."""
        return self._invalidation_count

    def find(self, session_id: str, generation: int) -> tuple[Session, User] | None:
        """Return the cached session and user. None if unknown, expired, or of an older generation than the token."""
        known = self._cached.get(session_id)
        if known is None or known.session.generation < generation:
            return None
        if self._clock() - known.read_at >= TTL_SECONDS:
            del self._cached[session_id]
            return None
        return known.session, known.user

    def put(self, session: Session, user: User, version: int) -> None:
        """Cache what was just read, unless there was an invalidation since `version`."""
        if version != self._invalidation_count:
            return
        self._cached[session.session_id] = _CachedSession(session, user, self._clock())
        self._cached.move_to_end(session.session_id)
        if len(self._cached) > MAX_SESSIONS:
            self._cached.popitem(last=False)

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
        if isinstance(event, SessionInvalidation | Gap):
            self._invalidate(event)

    def _invalidate(self, invalidation: SessionInvalidation | Gap) -> None:
        self._invalidation_count += 1
        if isinstance(invalidation, Gap):
            self._cached.clear()
        elif invalidation.kind is InvalidationKind.SESSION:
            self._cached.pop(invalidation.target_id, None)
        else:
            of_user = [key for key, known in self._cached.items() if known.user.user_id == invalidation.target_id]
            for key in of_user:
                del self._cached[key]
