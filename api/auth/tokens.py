"""Issues the tokens of a session to its owner."""

from dataclasses import dataclass
from datetime import datetime

from adapters.crypto.access_tokens import ACCESS_TOKEN_TTL, AccessTokens
from adapters.crypto.session_tokens import SessionTokens
from api.auth.schemas.sessions import SessionView
from domain.auth.sessions import FIRST_GENERATION, Session


@dataclass(frozen=True)
class SessionTokenIssuer:
    """Derives the session token and signs the access token of a session."""

    sessions: SessionTokens
    access: AccessTokens

    def issue(self, session: Session, now: datetime) -> SessionView:
        """Return the session with new tokens of its current generation."""
        return SessionView.of(
            session,
            session_token=self.sessions.mint(session.session_id, session.generation),
            access_token=self.access.mint(session, now),
            expires_in=int(ACCESS_TOKEN_TTL.total_seconds()),
        )

    def issue_first(self, session: Session, now: datetime) -> SessionView:
        """Return a newly opened session with tokens. For a repeat after its first refresh, without tokens."""
        if session.generation > FIRST_GENERATION:
            return SessionView.of(session)
        return self.issue(session, now)
