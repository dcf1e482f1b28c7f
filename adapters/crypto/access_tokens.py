"""Access tokens: JWT with EdDSA over Ed25519 (RFC 8037), type `at+jwt` (RFC 9068), 15 minutes."""

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
    """Whose token it is. `expires_at` is in seconds since 1970; tokens of one session differ in it alone."""

    user_id: str
    session_id: str
    generation: int
    expires_at: int = field(compare=False)


def _claims(claims: dict[str, Any]) -> AccessClaims:
    if not _OBJECT_ID.fullmatch(claims["session_id"]):
        raise ValueError("no session id")
    return AccessClaims(str(claims["sub"]), claims["session_id"], int(claims["gen"]), int(claims["exp"]))


class AccessTokens:
    """`seeds`: key id → 32-byte Ed25519 seed; the first signs, all verify."""

    def __init__(self, seeds: dict[str, bytes]) -> None:
        self._keys = {name: Ed25519PrivateKey.from_private_bytes(seed[:32]) for name, seed in seeds.items()}
        self._public_keys = {name: key.public_key() for name, key in self._keys.items()}
        self._current = next(iter(self._keys))
        self._verified: OrderedDict[str, AccessClaims] = OrderedDict()

    def mint(self, session: Session, now: datetime) -> str:
        """A token for the session's present generation."""
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
        """The claims of a token of ours that has not expired. Raises NotAuthenticated for all else."""
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
        """All that a verified token says, for whoever must not trust it unread. Raises NotAuthenticated."""
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
        """What is right once is right until it expires; checking the signature costs more than all the rest."""
        self._verified[token] = claims
        if len(self._verified) > MAX_CACHED_TOKENS:
            self._verified.popitem(last=False)

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys as a JWK set (RFC 7517)."""
        return {"keys": [self._public(name, key) for name, key in self._public_keys.items()]}

    @staticmethod
    def _public(name: str, key: Ed25519PublicKey) -> dict[str, Any]:
        jwk = OKPAlgorithm.to_jwk(key, as_dict=True)
        return {**jwk, "kid": name, "use": "sig", "alg": ALGORITHM}
