"""AES-256-GCM with key ids, for fields and payloads that only this product may read (NIST SP 800-38D)."""

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.crypto.keys import KeyLabel, KeyRing

NONCE_BYTES = 12


class DecryptionFailed(Exception):
    """The ciphertext was not made with this key, label and context, or was changed."""


@dataclass(frozen=True)
class Encrypted:
    """`key_id`: the root key. `data`: 12-byte nonce, then ciphertext, then 16-byte tag."""

    key_id: str
    data: bytes


class FieldCipher:
    """Encrypts bytes for one purpose. `context` is authenticated, not stored: decryption needs the same one."""

    def __init__(self, ring: KeyRing, label: KeyLabel) -> None:
        self._ring = ring
        self._label = label

    @property
    def current_id(self) -> str:
        """Id of the key that encrypts now."""
        return self._ring.current_id

    def encrypt(self, plain: bytes, *, context: str) -> Encrypted:
        """Return `plain` encrypted under the current key, with a random nonce."""
        key_id = self.current_id
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(self._ring.key(self._label, key_id))
        return Encrypted(key_id, nonce + cipher.encrypt(nonce, plain, self._associated_data(key_id, context)))

    def decrypt(self, sealed: Encrypted, *, context: str) -> bytes:
        """Return the plaintext.

        Raises UnknownKey while the key is not rolled out here, DecryptionFailed for anything else.
        """
        cipher = AESGCM(self._ring.key(self._label, sealed.key_id))
        nonce, data = sealed.data[:NONCE_BYTES], sealed.data[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, data, self._associated_data(sealed.key_id, context))
        except (InvalidTag, ValueError):
            raise DecryptionFailed from None

    def _associated_data(self, key_id: str, context: str) -> bytes:
        return f"{self._label}|{key_id}|{context}".encode()
