"""Authentication of users, their devices, and operators by bearer token."""

import hmac
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.crypto.access_tokens import AccessClaims, AccessTokens
from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.auth.sessions import SessionStore
from api.access.session_cache import SessionCache
from domain.auth.devices import Device
from domain.auth.errors import DeviceNotTrusted
from domain.auth.sessions import Session, refusal_for_access
from domain.errors import NotAuthenticated
from domain.users.users import User

SCHEME = "bearer"


@dataclass(frozen=True)
class Caller(ABC):
    """An authenticated user. The role is the account's, never the token's claim.

    The account may be up to ten seconds old: use it to authorize, not to display.
    """

    user: User

    @property
    @abstractmethod
    def asker_id(self) -> str:
        """The id of the session, or the prefix of the API key, that the request came with."""


@dataclass(frozen=True)
class SessionCaller(Caller):
    """An authenticated user with an active session, which may be up to ten seconds old too."""

    session: Session

    @property
    def asker_id(self) -> str:
        """The id of the session."""
        return self.session.session_id


@dataclass(frozen=True)
class DeviceCaller(SessionCaller):
    """An authenticated user on the session's own, trusted device. Account, session and device are never cached."""

    device: Device


@dataclass(frozen=True)
class Authenticator:
    """Authenticates an access token: signature, session, epoch, account, and on request the device.

    The first use of a session token generation is recorded: it starts the grace period of the previous generation.
    """

    access: AccessTokens
    hashes: KeyedHashes
    sessions: SessionStore
    session_cache: SessionCache

    async def authenticate(self, token: str, now: datetime) -> SessionCaller:
        """Return the caller of an access token, from the session cache where possible.

        Raises NotAuthenticated, SessionRevoked or SessionExpired.
        """
        claims = self.access.verify(token)
        cached = self.session_cache.find(claims.session_id, claims.generation)
        version = self.session_cache.version
        read = cached or await self.sessions.find_with_user(claims.session_id)
        caller = await self._check(claims, read, now)
        if cached is None:
            self.session_cache.put(caller.session, caller.user, version)
        return caller

    async def authenticate_device(self, token: str, fingerprint_typed: str | None, now: datetime) -> DeviceCaller:
        """Return the caller on the session's trusted device, never from the cache.

        `fingerprint_typed`: as the client sent it. Raises DeviceNotTrusted, and what `authenticate` raises.
        """
        claims = self.access.verify(token)
        session, user, device = await self.sessions.find_with_device(claims.session_id) or (None, None, None)
        caller = await self._check(claims, (session, user) if session and user else None, now)
        if device is None or not device.is_trusted or fingerprint_typed is None:
            raise DeviceNotTrusted
        fingerprint = self.hashes.fingerprint_hash(caller.user.user_id, fingerprint_typed)
        if not hmac.compare_digest(fingerprint, device.fingerprint):
            raise DeviceNotTrusted
        return DeviceCaller(caller.user, caller.session, device)

    async def _check(self, claims: AccessClaims, read: tuple[Session, User] | None, now: datetime) -> SessionCaller:
        """Return the caller if session and account allow access, and record the first use of the generation.

        Raises NotAuthenticated, SessionRevoked or SessionExpired.
        """
        session, user = read or (None, None)
        refusal = refusal_for_access(session, user, now)
        if refusal is not None:
            raise refusal
        if session is None or user is None or user.user_id != claims.user_id:
            raise NotAuthenticated
        if claims.generation == session.generation and session.confirmed_at is None:
            await self.sessions.confirm_generation(session.session_id, generation=session.generation, now=now)
            session = replace(session, confirmed_at=now)
        return SessionCaller(user, session)


def bearer_token(header: str | None) -> str:
    """Return the token of an `Authorization: Bearer` header (RFC 6750). Raises NotAuthenticated."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != SCHEME:
        raise NotAuthenticated
    return token.strip()


def authenticate_operator(header: str | None, tokens: Mapping[str, str]) -> str:
    """Return the name of the operator whose token is in the header. `tokens`: token by operator name.

    Every token is compared, each in constant time. Raises NotAuthenticated.
    """
    scheme, _, presented = (header or "").partition(" ")
    if scheme.lower() != SCHEME or not presented:
        raise NotAuthenticated
    matches = [name for name, token in tokens.items() if hmac.compare_digest(token.encode(), presented.encode())]
    if not matches:
        raise NotAuthenticated
    return matches[0]
