"""Makes forged tokens, which must be refused: any header, any claims, any signature."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Sign = Callable[[bytes], bytes]


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def seed(key_id: str) -> bytes:
    """Return the Ed25519 seed of a key id of the tests."""
    return key_id.encode().ljust(32, b".")


def signed_by(key_id: str) -> Sign:
    """Signs as the owner of the key would."""
    return Ed25519PrivateKey.from_private_bytes(seed(key_id)).sign


def public_bytes(key_id: str) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed(key_id)).public_key().public_bytes_raw()


def hmac_with(secret: bytes) -> Sign:
    """HS256, as if the secret were shared."""
    return lambda message: hmac.digest(secret, message, "sha256")


def token_of(header: Mapping[str, object] | bytes, claims: Mapping[str, object] | bytes, sign: Sign) -> str:
    """The compact form of these very bytes."""
    signed = f"{base64url(_bytes(header))}.{base64url(_bytes(claims))}"
    return f"{signed}.{base64url(sign(signed.encode()))}"


def _bytes(part: Mapping[str, object] | bytes) -> bytes:
    return part if isinstance(part, bytes) else json.dumps(part).encode()
