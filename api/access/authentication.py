"""Who is calling, and from which device."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.crypto.access_tokens import AccessClaims, AccessTokens
from adapters.crypto.hashes import KeyedHashes
from adapters.mongo.auth.sessions import SessionStore
from api.access.session_cache import SessionCache
from domain.auth.devices import Device
from domain.auth.errors import DeviceNotTrusted
from domain.auth.sessions import Session, refusal_for_access
from domain.errors import NotAuthenticated
from domain.users.users import User

SCHEME = "bearer"


@dataclass(frozen=True)
class Caller:
    """A person with a living session. The role is the account's own, never the token's claim.

    Account and session are as they were within the last ten seconds: for who it is, not for what to show.
    """

    user: User
    session: Session


@dataclass(frozen=True)
class DeviceCaller(Caller):
    """A person on the session's own device, trusted still. Account, session and device are as they are now."""

    device: Device


@dataclass(frozen=True)
class Authenticator:
    """Tells who is behind an access token: signature, session, epoch, account, and the device if asked.

    The first sight of a generation is noted: from then on the grace of the one before it runs.
    """

    access: AccessTokens
    hashes: KeyedHashes
    sessions: SessionStore
    session_cache: SessionCache

    async def authenticate(self, token: str, now: datetime) -> Caller:
        """Raises NotAuthenticated, SessionRevoked or SessionExpired."""
        claims = self.access.verify(token)
        found = self.session_cache.find(claims.session_id, claims.generation)
        mark = self.session_cache.version
        read = found or await self.sessions.find_with_user(claims.session_id)
        caller = await self._judged(claims, read, now)
        if found is None:
            self.session_cache.put(caller.session, caller.user, mark)
        return caller

    async def authenticate_device(self, token: str, fingerprint_typed: str | None, now: datetime) -> DeviceCaller:
        """Read anew each time. Raises DeviceNotTrusted besides what `authenticate` raises."""
        claims = self.access.verify(token)
        session, user, device = await self.sessions.find_with_device(claims.session_id) or (None, None, None)
        caller = await self._judged(claims, (session, user) if session and user else None, now)
        if device is None or not device.is_trusted or fingerprint_typed is None:
            raise DeviceNotTrusted
        fingerprint = self.hashes.fingerprint_hash(caller.user.user_id, fingerprint_typed)
        if not hmac.compare_digest(fingerprint, device.fingerprint):
            raise DeviceNotTrusted
        return DeviceCaller(caller.user, caller.session, device)

    async def _judged(self, claims: AccessClaims, read: tuple[Session, User] | None, now: datetime) -> Caller:
        session, user = read or (None, None)
        refusal = refusal_for_access(session, user, now)
        if refusal is not None:
            raise refusal
        if session is None or user is None or user.user_id != claims.user_id:
            raise NotAuthenticated
        if claims.generation == session.generation and session.confirmed_at is None:
            await self.sessions.confirm_generation(session.session_id, generation=session.generation, now=now)
            session = replace(session, confirmed_at=now)
        return Caller(user, session)


def bearer_token(header: str | None) -> str:
    """What stands behind `Bearer` in an Authorization header. Raises NotAuthenticated."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != SCHEME:
        raise NotAuthenticated
    return token.strip()


def authenticate_operator(header: str | None, tokens: Mapping[str, str]) -> str:
    """The operator whose token stands in the header; each is compared, in constant time. Raises NotAuthenticated."""
    scheme, _, presented = (header or "").partition(" ")
    if scheme.lower() != SCHEME or not presented:
        raise NotAuthenticated
    matches = [name for name, token in tokens.items() if hmac.compare_digest(token.encode(), presented.encode())]
    if not matches:
        raise NotAuthenticated
    return matches[0]
