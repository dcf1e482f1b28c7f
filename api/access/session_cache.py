"""Sessions that this process has read within the last ten seconds, so that not every request reads MongoDB.

What is forgotten here is forgotten in every API process within a second, by a hint over Redis. While Redis is
away the ten seconds are the bound.
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
"""Ten are promised; the last one is for the request under way."""
MAX_SESSIONS = 10_000


@dataclass(frozen=True)
class _CachedSession:
    session: Session
    user: User
    read_at: float


class SessionCache:
    def __init__(self, invalidations: SessionInvalidations, clock: Callable[[], float] = time.monotonic) -> None:
        self._invalidations = invalidations
        self._clock = clock
        self._cached: OrderedDict[str, _CachedSession] = OrderedDict()
        self._forgotten_count = 0

    @property
    def version(self) -> int:
        """Taken before a session is read: if anything is forgotten meanwhile, what was read may be old."""
        return self._forgotten_count

    def find(self, session_id: str, generation: int) -> tuple[Session, User] | None:
        """What was read lately. A token of a newer generation than that is news."""
        known = self._cached.get(session_id)
        if known is None or known.session.generation < generation:
            return None
        if self._clock() - known.read_at >= TTL_SECONDS:
            del self._cached[session_id]
            return None
        return known.session, known.user

    def put(self, session: Session, user: User, version: int) -> None:
        """Remember what was just read, unless something has been forgotten since `version`."""
        if version != self._forgotten_count:
            return
        self._cached[session.session_id] = _CachedSession(session, user, self._clock())
        self._cached.move_to_end(session.session_id)
        if len(self._cached) > MAX_SESSIONS:
            self._cached.popitem(last=False)

    async def invalidate_session(self, session_id: str) -> None:
        """Forget it here now, and elsewhere within a second."""
        self._forget(SessionInvalidation(InvalidationKind.SESSION, session_id))
        await self._invalidations.publish_session_ended(session_id)

    async def invalidate_user(self, user_id: str) -> None:
        """Forget all sessions of the account, here and elsewhere: epoch, role or standing has changed."""
        self._forget(SessionInvalidation(InvalidationKind.USER, user_id))
        await self._invalidations.publish_account_changed(user_id)

    def handle(self, event: PubSubEvent) -> None:
        """What another process says over Redis, and what it may have said unheard."""
        if isinstance(event, SessionInvalidation | Gap):
            self._forget(event)

    def _forget(self, invalidation: SessionInvalidation | Gap) -> None:
        self._forgotten_count += 1
        if isinstance(invalidation, Gap):
            self._cached.clear()
        elif invalidation.kind is InvalidationKind.SESSION:
            self._cached.pop(invalidation.target_id, None)
        else:
            of_user = [key for key, known in self._cached.items() if known.user.user_id == invalidation.target_id]
            for key in of_user:
                del self._cached[key]
