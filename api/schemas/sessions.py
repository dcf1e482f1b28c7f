"""Signing in, and the session that comes of it."""

from datetime import datetime

from pydantic import Field

from api.schemas.envelope import Body, View
from api.schemas.fields import Fingerprint, Identifier, Label, Password, SessionToken
from domain.sessions import Session

DEFAULT_APP = "decode"


class LoginRequest(Body):
    email_or_username: Identifier
    password: Password
    fingerprint_hashed: Fingerprint
    browser: Label
    device: Label
    app: Label = DEFAULT_APP


class SessionTokenRequest(Body):
    session_token: SessionToken


class SessionView(View):
    """S of the contract. The tokens stand only in the answer that mints them."""

    session_id: str = Field(serialization_alias="_id")
    user_id: str
    device_fingerprint_id: str
    app: str
    is_active: bool
    expires_at: datetime
    last_used_at: datetime
    created_at: datetime = Field(serialization_alias="createdAt")
    updated_at: datetime = Field(serialization_alias="updatedAt")
    session_token: str | None = None
    access_token: str | None = None
    expires_in: int | None = None

    @classmethod
    def of(cls, session: Session, **tokens: str | int | None) -> "SessionView":
        return cls(
            session_id=session.session_id,
            user_id=session.user_id,
            device_fingerprint_id=session.device_id,
            app=session.app,
            is_active=session.is_active,
            expires_at=session.expires_at,
            last_used_at=session.last_used_at,
            created_at=session.created_at,
            updated_at=session.updated_at,
            **tokens,
        )
