"""Key rings for the tests: a key id always names the same key, so that a rotation is just another ring."""

import hashlib

from adapters.crypto.keys import KeyRing

LOOKUP = b"the secret that never rotates..."


def secret(key_id: str) -> bytes:
    """32 bytes known by their name."""
    return hashlib.sha256(key_id.encode()).digest()


def ring(*key_ids: str, lookup: bytes = LOOKUP) -> KeyRing:
    """The ring with these keys, the first one current."""
    return KeyRing({key_id: secret(key_id) for key_id in key_ids}, lookup)


OLD = ring("old")
ROTATED = ring("new", "old")
"""A key was added in front; the old one still reads."""
ROTATED_AWAY = ring("new")
