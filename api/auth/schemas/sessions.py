"""Signing in, and the sessions that come of it."""

from typing import Annotated, Self

import fastapi
from pydantic import Field

from api.schemas.envelope import Body, View
from api.schemas.fields import AppName, Fingerprint, Identifier, Label, ObjectId, Password, Timestamp, Token
from domain.auth.devices import Device, DeviceInput
from domain.auth.sessions import Session
from domain.users.users import Role

DEFAULT_APP = "decode"


class DeviceBody(Body):
    """The device of a sign-in, and the app it is for."""

    fingerprint_hashed: Fingerprint
    browser: Label
    device: Label
    app: AppName = DEFAULT_APP

    @property
    def device_fields(self) -> DeviceInput:
        return DeviceInput(self.fingerprint_hashed, self.browser, self.device, self.app)


class LoginRequest(DeviceBody):
    email_or_username: Identifier
    password: Password


class SessionTokenRequest(Body):
    session_token: Token


class AccessTokenRequest(Body):
    access_token: Token


class RevokeSessionRequest(Body):
    session_id: ObjectId


class RevokeAllRequest(Body):
    keep_current: bool = True


OptionalRevokeAll = Annotated[RevokeAllRequest, fastapi.Body(default_factory=RevokeAllRequest)]
"""For a body that may be missing."""


class SessionFacts(View):
    """A session without what opens it."""

    session_id: str = Field(serialization_alias="_id")
    user_id: str
    device_fingerprint_id: str
    app: str
    is_active: bool
    expires_at: Timestamp
    last_used_at: Timestamp
    created_at: Timestamp = Field(serialization_alias="createdAt")
    updated_at: Timestamp = Field(serialization_alias="updatedAt")

    @classmethod
    def of(cls, session: Session, **more: object) -> Self:
        """The facts of a session, and what a view adds to them."""
        facts = {
            "session_id": session.session_id,
            "user_id": session.user_id,
            "device_fingerprint_id": session.device_id,
            "app": session.app,
            "is_active": session.is_active,
            "expires_at": session.expires_at,
            "last_used_at": session.last_used_at,
            "created_at": session.created_at,
            "updated_at": session.updated_at,
        }
        return cls.model_validate({**facts, **more})


class SessionView(SessionFacts):
    """S of the contract. The tokens stand only in the answer that mints them."""

    session_token: str | None = None
    access_token: str | None = None
    expires_in: int | None = None


class AccessTokenClaims(View):
    """The claims of an access token (RFC 7519). `gen` counts the refreshes of the session, `amr` is RFC 8176."""

    iss: str
    aud: str
    sub: str
    user_id: str
    username: str
    role: Role
    session_id: str
    device_id: str
    amr: list[str]
    gen: int
    iat: int
    exp: int
    jti: str


class DeviceName(View):
    device_id: str = Field(serialization_alias="_id")
    device: str
    browser: str

    @classmethod
    def of(cls, device: Device) -> "DeviceName":
        return cls(device_id=device.device_id, device=device.device, browser=device.browser)


class ActiveSession(SessionFacts):
    """`current`: the one that asks."""

    device: DeviceName
    current: bool


class ActiveSessions(View):
    sessions: list[ActiveSession]


class RevokedCount(View):
    revoked: int
