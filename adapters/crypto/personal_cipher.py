"""Encrypts what is personal to one person with that person's own key: without the key it is gone (AES-256-GCM)."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.crypto.field_cipher import NONCE_BYTES, DecryptionFailed

KEY_BYTES = 32


def new_personal_key() -> bytes:
    """Return a random key for one person."""
    return os.urandom(KEY_BYTES)


class PersonalCipher:
    """Encrypts bytes for one person. `context` is authenticated, not stored: decryption needs the same one."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt(self, plain: bytes, *, context: str) -> bytes:
        """Return a random 12-byte nonce, then ciphertext, then 16-byte tag."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def decrypt(self, sealed: bytes, *, context: str) -> bytes:
        """Return the plaintext. Raises DecryptionFailed."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError):
            raise DecryptionFailed from None
