"""The secrets of API keys: new ones, and the form in which they are stored."""

from adapters.crypto.keys import KeyLabel, KeyRing
from domain.auth.key_format import ID_LENGTH, MARK, SECRET_LENGTH, base62, format_key, key_prefix

LIVE = "live"
TEST = "test"


class ApiKeySecrets:
    """Derives and hashes keys of this environment with HMAC-SHA256 under the secret that does not rotate.

    What is derived from the same `seed` is the same, so that a repeated request gets the same key and none is stored.
    """

    def __init__(self, ring: KeyRing, *, is_live: bool) -> None:
        self._ring = ring
        self._environment = LIVE if is_live else TEST

    def new_prefix(self, seed: str) -> str:
        """Return the prefix of a new key. `seed`: random."""
        return f"{MARK}{self._environment}_{self._derive('id', seed, ID_LENGTH)}"

    def new_key(self, prefix: str, seed: str) -> str:
        """Return the text of a key with a new secret of 256 bits. `seed`: of one request."""
        return format_key(prefix, self._derive("secret", f"{prefix}|{seed}", SECRET_LENGTH))

    def prefix_of(self, text: str) -> str | None:
        """Return the prefix of a key; None for a typo, a key of another environment and any other text."""
        return key_prefix(text, self._environment)

    def stored_hash(self, text: str) -> bytes:
        """Return what is stored of a key."""
        return self._ring.lookup_mac(KeyLabel.API_KEYS, f"stored|{text}")

    def _derive(self, purpose: str, seed: str, length: int) -> str:
        digest = self._ring.lookup_mac(KeyLabel.API_KEYS, f"{purpose}|{seed}")
        return base62(int.from_bytes(digest), length)
