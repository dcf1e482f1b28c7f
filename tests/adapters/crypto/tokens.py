"""What the tests of access tokens share: our issuer, an honest token's parts, and whether one is refused."""

from datetime import UTC, datetime, timedelta

from adapters.crypto.access_tokens import AccessClaims, AccessTokens
from domain.errors import NotAuthenticated
from tests.adapters.crypto.forging import seed
from tests.support.builders import SESSION, USER

NOW = datetime.now(UTC).replace(microsecond=0)
"""When the tests were collected: what must still be good when they run is made then, by `fresh`."""
SECONDS = int(NOW.timestamp())
TOKENS = AccessTokens({"k1": seed("k1")})
OURS = AccessClaims(USER.user_id, SESSION.session_id, SESSION.generation, expires_at=0)

HEADER = {"alg": "EdDSA", "kid": "k1", "typ": "at+jwt"}
CLAIMS = {
    "iss": "decode-auth-service",
    "aud": "decode-frontend",
    "sub": "0123456789abcdef01234567",
    "session_id": "abcdef0123456789abcdef01",
    "gen": 1,
    "iat": SECONDS,
    "exp": SECONDS + 86_400,
    "jti": "0c6b63f4-7d4d-4c2c-8ad7-8f0a6f8d7f00",
}


def fresh(tokens: AccessTokens = TOKENS, *, age: timedelta = timedelta()) -> str:
    """A token minted so long ago, as of now."""
    return tokens.mint(SESSION, datetime.now(UTC) - age)


def is_refused(token: str, tokens: AccessTokens = TOKENS) -> bool:
    """Whether it is refused with the one error for all of them; any other error fails the test."""
    try:
        tokens.verify(token)
    except NotAuthenticated:
        return True
    return False
