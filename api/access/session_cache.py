"""Sessions that this process has read within the last ten seconds, so that not every request reads MongoDB.

What is forgotten here is forgotten in every API process within a second, by a hint over Redis. While Redis is
away the ten seconds are the bound.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from adapters.redis.session_invalidations import Hint, Hinted, SessionHints
from adapters.redis.subscriptions import Missed, Word
from domain.auth.sessions import Session
from domain.users.users import User

FRESH_SECONDS = 9.0
"""Ten are promised; the last one is for the request under way."""
MOST = 10_000


@dataclass(frozen=True)
class _Known:
    session: Session
    user: User
    read_at: float


class KnownSessions:
    def __init__(self, hints: SessionHints, clock: Callable[[], float] = time.monotonic) -> None:
        self._hints = hints
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._forgotten_count = 0

    @property
    def mark(self) -> int:
        """Taken before a session is read: if anything is forgotten meanwhile, what was read may be old."""
        return self._forgotten_count

    def find(self, session_id: str, generation: int) -> tuple[Session, User] | None:
        """What was read lately. A token of a newer generation than that is news."""
        known = self._known.get(session_id)
        if known is None or known.session.generation < generation:
            return None
        if self._clock() - known.read_at >= FRESH_SECONDS:
            del self._known[session_id]
            return None
        return known.session, known.user

    def keep(self, session: Session, user: User, mark: int) -> None:
        """Remember what was just read, unless something has been forgotten since `mark`."""
        if mark != self._forgotten_count:
            return
        self._known[session.session_id] = _Known(session, user, self._clock())
        self._known.move_to_end(session.session_id)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    async def session_ended(self, session_id: str) -> None:
        """Forget it here now, and elsewhere within a second."""
        self._forget(Hint(Hinted.SESSION, session_id))
        await self._hints.session_ended(session_id)

    async def account_changed(self, user_id: str) -> None:
        """Forget all sessions of the account, here and elsewhere: epoch, role or standing has changed."""
        self._forget(Hint(Hinted.USER, user_id))
        await self._hints.account_changed(user_id)

    def heed(self, word: Word) -> None:
        """What another process says over Redis, and what it may have said unheard."""
        if isinstance(word, Hint | Missed):
            self._forget(word)

    def _forget(self, hint: Hint | Missed) -> None:
        self._forgotten_count += 1
        if isinstance(hint, Missed):
            self._known.clear()
        elif hint.what is Hinted.SESSION:
            self._known.pop(hint.which, None)
        else:
            of_user = [key for key, known in self._known.items() if known.user.user_id == hint.which]
            for key in of_user:
                del self._known[key]
