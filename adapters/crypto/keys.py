"""The key ring: one root secret per environment, sub-keys by HKDF with labels (RFC 5869).

What must survive a rotation names its key id; what is only looked up (hashes of addresses, ids) uses the
lookup secret, which does not rotate.
"""

import hmac
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class KeyLabel(StrEnum):
    CODES = "decode/codes/v1"
    SESSIONS = "decode/sessions/v1"
    PAYLOADS = "decode/temporal-payloads/v1"
    SEALED = "decode/sealed-fields/v1"
    PROOFS = "decode/code-proofs/v1"
    SUBJECTS = "decode/subject-hash/v1"
    DEVICES = "decode/devices/v1"
    IDS = "decode/derived-ids/v1"
    REQUESTS = "decode/idempotency/v1"
    RECOVERY = "decode/recovery-codes/v1"
    OTP_SECRETS = "decode/otp-secrets/v1"
    TICKETS = "decode/tickets/v1"
    RECEIPTS = "decode/idempotency-answers/v1"


class UnknownKey(Exception):
    """The ring lacks this key id. Retryable: rolling the key out repairs it."""


@lru_cache(maxsize=256)
def _sub_key(secret: bytes, label: KeyLabel) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label.encode()).derive(secret)


@dataclass(frozen=True)
class KeyRing:
    """`roots`: key id → secret, the first is current. `lookup`: the secret that never rotates."""

    roots: dict[str, bytes] = field(repr=False)
    lookup: bytes = field(repr=False)

    @property
    def current_id(self) -> str:
        return next(iter(self.roots))

    def key(self, label: KeyLabel, key_id: str) -> bytes:
        """The 32-byte sub-key. Raises UnknownKey."""
        if key_id not in self.roots:
            raise UnknownKey(key_id)
        return _sub_key(self.roots[key_id], label)

    def mac(self, label: KeyLabel, key_id: str, message: str) -> bytes:
        """HMAC-SHA256 under a key of the ring. Raises UnknownKey."""
        return hmac.digest(self.key(label, key_id), message.encode(), "sha256")

    def lookup_mac(self, label: KeyLabel, message: str) -> bytes:
        """HMAC-SHA256 under the secret that does not rotate."""
        return hmac.digest(_sub_key(self.lookup, label), message.encode(), "sha256")
