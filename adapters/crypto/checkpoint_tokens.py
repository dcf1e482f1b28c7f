"""Checkpoints of the journal as signed tokens (RFC 7515), by the keys that sign access tokens."""

from collections.abc import Mapping
from datetime import datetime

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.journal.chain import Link
from domain.journal.checkpoints import ALGORITHM, TOKEN_TYPE, Checkpoint, SignedCheckpoint, verify_checkpoint
from domain.moments import format_timestamp


class CheckpointTokens:
    """Signs and verifies checkpoints.

    `seeds`: key id → Ed25519 seed, as for access tokens; the first key signs. `retired`: key id → public key that only
    verifies: checkpoints are kept for ever, the keys that signed them are not.
    """

    def __init__(self, seeds: Mapping[str, bytes], retired: Mapping[str, bytes]) -> None:
        keys = {name: Ed25519PrivateKey.from_private_bytes(seed[:32]) for name, seed in seeds.items()}
        self._current, self._key = next(iter(keys.items()))
        self._public_keys = {**retired, **{name: key.public_key().public_bytes_raw() for name, key in keys.items()}}

    def sign(self, link: Link, now: datetime) -> SignedCheckpoint:
        """Return the checkpoint of this place at this moment."""
        checkpoint = Checkpoint(link.seq, link.hash, format_timestamp(now))
        headers = {"kid": self._current, "typ": TOKEN_TYPE}
        token = jwt.encode(checkpoint.claims(), self._key, algorithm=ALGORITHM, headers=headers)
        return SignedCheckpoint(checkpoint, self._current, token)

    def verify(self, token: str) -> Checkpoint:
        """Return what a token says. Raises InvalidCheckpoint."""
        return verify_checkpoint(token, self._public_keys, _is_right)


def _is_right(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
