"""Access tokens: JWT with EdDSA over Ed25519 (RFC 8037), type `at+jwt` (RFC 9068), valid for 15 minutes."""

import re
import time
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from domain.auth.sessions import Session
from domain.errors import NotAuthenticated

ALGORITHM = "EdDSA"
JWT_TYPE = "at+jwt"
ISSUER = "decode-auth-service"
AUDIENCE = "decode-frontend"
ACCESS_TOKEN_TTL = timedelta(minutes=15)
MAX_TOKEN_LENGTH = 4096
MAX_CACHED_TOKENS = 10_000
_OBJECT_ID = re.compile(r"[0-9a-f]{24}")
REQUIRED_CLAIMS = ["iss", "aud", "sub", "session_id", "gen", "iat", "exp", "jti"]


@dataclass(frozen=True)
class AccessClaims:
    """The subject of an access token. `expires_at`: seconds since 1970.

    It is left out of comparisons: tokens of the same session generation differ in it alone.
    """

    user_id: str
    session_id: str
    generation: int
    expires_at: int = field(compare=False)


def _claims(claims: dict[str, Any]) -> AccessClaims:
    if not _OBJECT_ID.fullmatch(claims["session_id"]):
        raise ValueError("no session id")
    return AccessClaims(str(claims["sub"]), claims["session_id"], int(claims["gen"]), int(claims["exp"]))


class AccessTokens:
    """Signs and verifies access tokens, and publishes the public keys.

    `seeds`: key id → Ed25519 seed, of which the first 32 bytes are used. The first key signs, all keys verify.
    """

    def __init__(self, seeds: dict[str, bytes]) -> None:
        self._keys = {name: Ed25519PrivateKey.from_private_bytes(seed[:32]) for name, seed in seeds.items()}
        self._public_keys = {name: key.public_key() for name, key in self._keys.items()}
        self._current = next(iter(self._keys))
        self._verified: OrderedDict[str, AccessClaims] = OrderedDict()

    def mint(self, session: Session, now: datetime) -> str:
        """Return a signed token for the session's current generation; it expires 15 minutes after `now`."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": session.user_id,
            "user_id": session.user_id,
            "username": session.username,
            "role": session.role,
            "session_id": session.session_id,
            "device_id": session.device_id,
            "amr": list(session.auth_strength),
            "gen": session.generation,
            "iat": now,
            "exp": now + ACCESS_TOKEN_TTL,
            "jti": str(uuid.uuid4()),
        }
        headers = {"kid": self._current, "typ": JWT_TYPE}
        return jwt.encode(claims, self._keys[self._current], algorithm=ALGORITHM, headers=headers)

    def verify(self, token: str) -> AccessClaims:
        """Return the claims of a valid token. Raises NotAuthenticated for an expired, foreign or malformed one."""
        known = self._verified.get(token)
        if known is not None and time.time() < known.expires_at:
            return known
        if len(token) > MAX_TOKEN_LENGTH:
            raise NotAuthenticated
        try:
            claims = _claims(self._decode(token))
        except (jwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError):
            raise NotAuthenticated from None
        self._remember(token, claims)
        return claims

    def claims(self, token: str) -> Mapping[str, object]:
        """Return every claim of a valid token, for the validation route. Raises NotAuthenticated."""
        self.verify(token)
        return self._decode(token)

    def _decode(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        if header.get("typ") != JWT_TYPE or "crit" in header:
            raise NotAuthenticated
        key = self._public_keys[header["kid"]]
        return jwt.decode(
            token, key, [ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options={"require": REQUIRED_CLAIMS}
        )

    def _remember(self, token: str, claims: AccessClaims) -> None:
        """Cache the claims until the token expires: the signature check costs more than all other work here.

        Beyond MAX_CACHED_TOKENS the oldest entry goes.
        """
        self._verified[token] = claims
        if len(self._verified) > MAX_CACHED_TOKENS:
            self._verified.popitem(last=False)

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Return the public keys as a JWK set (RFC 7517)."""
        return {"keys": [self._public(name, key) for name, key in self._public_keys.items()]}

    @staticmethod
    def _public(name: str, key: Ed25519PublicKey) -> dict[str, Any]:
        jwk = OKPAlgorithm.to_jwk(key, as_dict=True)
        return {**jwk, "kid": name, "use": "sig", "alg": ALGORITHM}
