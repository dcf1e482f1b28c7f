"""AES-256-GCM with key ids, for fields and payloads that only we may read (NIST SP 800-38D)."""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.crypto.keys import KeyRing, Label

NONCE_BYTES = 12


class NotOurs(Exception):
    """The sealed bytes were not made with this key for this purpose, or were changed."""


@dataclass(frozen=True)
class Sealed:
    key_id: str
    data: bytes


class Sealing:
    """Seals bytes for one purpose; `context` is bound to them and must be given again to open."""

    def __init__(self, ring: KeyRing, label: Label) -> None:
        self._ring = ring
        self._label = label

    @property
    def current_id(self) -> str:
        """Id of the key that seals now."""
        return self._ring.current_id

    def seal(self, plain: bytes, *, context: str) -> Sealed:
        key_id = self.current_id
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(self._ring.key(self._label, key_id))
        return Sealed(key_id, nonce + cipher.encrypt(nonce, plain, self._bound(key_id, context)))

    def open(self, sealed: Sealed, *, context: str) -> bytes:
        """Raises UnknownKey while the key is not rolled out here, NotOurs for anything else."""
        cipher = AESGCM(self._ring.key(self._label, sealed.key_id))
        nonce, data = sealed.data[:NONCE_BYTES], sealed.data[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, data, self._bound(sealed.key_id, context))
        except (InvalidTag, ValueError):
            raise NotOurs from None

    def _bound(self, key_id: str, context: str) -> bytes:
        return f"{self._label}|{key_id}|{context}".encode()
