"""Who is calling, and the tokens of a session."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.crypto.access_tokens import LIFE, AccessTokens
from adapters.crypto.session_tokens import SessionTokens
from adapters.mongo.sessions import SessionStore
from api.schemas.sessions import SessionView
from domain.errors import NotAuthenticated
from domain.sessions import FIRST_GENERATION, Session, judge_access
from domain.users import User

SCHEME = "bearer"


@dataclass(frozen=True)
class Caller:
    """A person with a living session. The role is the account's own, never the token's claim."""

    user: User
    session: Session


@dataclass(frozen=True)
class Tokens:
    """Derives what a session's owner carries."""

    sessions: SessionTokens
    access: AccessTokens

    def signed_in(self, session: Session, now: datetime) -> SessionView:
        """S with fresh tokens of the session's present generation."""
        return SessionView.of(
            session,
            session_token=self.sessions.mint(session.session_id, session.generation),
            access_token=self.access.mint(session, now),
            expires_in=int(LIFE.total_seconds()),
        )

    def first_of(self, session: Session, now: datetime) -> SessionView:
        """S of a session just opened. A repeat after its first refresh gives S without tokens."""
        if session.generation > FIRST_GENERATION:
            return SessionView.of(session)
        return self.signed_in(session, now)


async def authenticate(header: str | None, *, tokens: Tokens, sessions: SessionStore, now: datetime) -> Caller:
    """The caller behind an Authorization header, read from MongoDB: signature, session, epoch, account.

    The first sight of a generation is noted: from then on the grace of the one before it runs.
    Raises NotAuthenticated, SessionRevoked or SessionExpired.
    """
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != SCHEME:
        raise NotAuthenticated
    claims = tokens.access.verify(token.strip())
    session, user = await sessions.find_with_user(claims.session_id) or (None, None)
    refusal = judge_access(session, user, now)
    if refusal is not None:
        raise refusal
    if session is None or user is None or user.user_id != claims.user_id:
        raise NotAuthenticated
    if claims.generation == session.generation and session.confirmed_at is None:
        await sessions.confirm(session.session_id, generation=session.generation, now=now)
    return Caller(user, session)


def operator_of(header: str | None, tokens: Mapping[str, str]) -> str:
    """The operator whose token stands in the header; each is compared, in constant time. Raises NotAuthenticated."""
    scheme, _, presented = (header or "").partition(" ")
    if scheme.lower() != SCHEME or not presented:
        raise NotAuthenticated
    matches = [name for name, token in tokens.items() if hmac.compare_digest(token.encode(), presented.encode())]
    if not matches:
        raise NotAuthenticated
    return matches[0]
