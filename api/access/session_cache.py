"""Cache of the sessions and API keys that this process has read within the last ten seconds, with their accounts.

An invalidation here reaches every API process within a second, by a message over Redis.
"""

import time

from adapters.redis.session_invalidations import InvalidationKind, SessionInvalidation, SessionInvalidations
from adapters.redis.subscriptions import Gap, PubSubEvent
from api.access.known import CacheCounts, Clock, Known
from domain.auth.api_keys import ApiKey
from domain.auth.sessions import Session
from domain.users.users import User


class SessionCache:
    """Sessions and accounts by session id. `keys`: API keys and their owners' accounts by prefix."""

    def __init__(self, invalidations: SessionInvalidations, clock: Clock = time.monotonic) -> None:
        self._invalidations = invalidations
        self._sessions: Known[tuple[Session, User]] = Known(clock)
        self.keys: Known[tuple[ApiKey, User]] = Known(clock)

    @property
    def version(self) -> int:
        """Number of invalidations. Take it before reading a session: one of that session or user makes it stale."""
        return self._sessions.version

    @property
    def counts(self) -> CacheCounts:
        """How often a session was found here."""
        return self._sessions.counts

    def find(self, session_id: str, generation: int) -> tuple[Session, User] | None:
        """Return the cached session and user. None if unknown, expired, or of an older generation than the token."""
        known = self._sessions.find(session_id)
        return known if known and known[0].generation >= generation else None

    def put(self, session: Session, user: User, version: int) -> None:
        """Cache what was just read, unless the session or its user was invalidated since `version`."""
        self._sessions.put(session.session_id, user.user_id, (session, user), version)

    async def invalidate_session(self, session_id: str) -> None:
        """Remove the session here at once, and in other processes within a second."""
        self._invalidate(SessionInvalidation(InvalidationKind.SESSION, session_id))
        await self._invalidations.publish_session_ended(session_id)

    async def invalidate_user(self, user_id: str) -> None:
        """Remove all sessions and keys of the account, here and elsewhere: its epoch, role or status has changed."""
        self._invalidate(SessionInvalidation(InvalidationKind.USER, user_id))
        await self._invalidations.publish_account_changed(user_id)

    async def invalidate_key(self, prefix: str) -> None:
        """Remove the API key here at once, and in other processes within a second."""
        self._invalidate(SessionInvalidation(InvalidationKind.KEY, prefix))
        await self._invalidations.publish_key_changed(prefix)

    def handle(self, event: PubSubEvent) -> None:
        """Apply another process's invalidation. A gap in the subscription clears the cache: messages may be lost."""
        if isinstance(event, Gap):
            self._sessions.forget_all()
            self.keys.forget_all()
        elif isinstance(event, SessionInvalidation):
            self._invalidate(event)

    def _invalidate(self, invalidation: SessionInvalidation) -> None:
        match invalidation.kind:
            case InvalidationKind.SESSION:
                self._sessions.forget(invalidation.target_id)
            case InvalidationKind.KEY:
                self.keys.forget(invalidation.target_id)
            case InvalidationKind.USER:
                self._sessions.forget_user(invalidation.target_id)
                self.keys.forget_user(invalidation.target_id)
