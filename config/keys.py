"""Parses keys and operator tokens as they are written in settings."""

import base64
import binascii
import re
from collections.abc import Sequence

from pydantic import SecretStr

KEY_BYTES = 32
TOKEN_LENGTH = 24
RING_HINT = f"write name:key[,name:key …], names of letters and digits, each key base64url of {KEY_BYTES} random bytes"
TOKENS_HINT = f"write operator:token[,operator:token …], each token of at least {TOKEN_LENGTH} characters"

_KEY_ID = re.compile(r"[A-Za-z0-9]{1,32}")


def decode_key(text: str) -> bytes:
    """Return the bytes of a base64url text, padding optional. Raises ValueError for a malformed or short key."""
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"write base64url of {KEY_BYTES} random bytes") from None
    if len(key) < KEY_BYTES:
        raise ValueError(f"write base64url of {KEY_BYTES} random bytes")
    return key


def split_ring(ring: SecretStr) -> dict[str, bytes]:
    """Return `new:…,old:…` as an ordered ring: key id → key. Raises ValueError.

    The first key is the one in use; the others only decrypt and verify.
    """
    pairs = _pairs(ring.get_secret_value())
    if len(dict(pairs)) < len(pairs) or not all(_KEY_ID.fullmatch(name) for name, _ in pairs):
        raise ValueError(RING_HINT)
    try:
        return {name: decode_key(key) for name, key in pairs}
    except ValueError:
        raise ValueError(RING_HINT) from None


def split_public_keys(keys: str) -> dict[str, bytes]:
    """Return `id:key,…` as key id → public key; empty when none is set. Raises ValueError."""
    return split_ring(SecretStr(keys)) if keys.strip() else {}


def split_tokens(tokens: SecretStr) -> dict[str, str]:
    """Return `operator:token,…` as operator → token; empty when none is set. Raises ValueError."""
    if not tokens.get_secret_value().strip():
        return {}
    pairs = _pairs(tokens.get_secret_value())
    if not all(name and len(token) >= TOKEN_LENGTH for name, token in pairs):
        raise ValueError(TOKENS_HINT)
    return dict(pairs)


def _pairs(text: str) -> Sequence[tuple[str, str]]:
    parts = [part.strip().partition(":") for part in text.split(",")]
    return [(name, value) for name, _, value in parts]
