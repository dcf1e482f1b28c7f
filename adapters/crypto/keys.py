"""The key ring: one root secret per environment, sub-keys by HKDF with labels (RFC 5869).

Data that must survive a rotation names its key id. Values that are only looked up (hashes of addresses, ids) use the
lookup secret, which does not rotate.
"""

import hmac
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class KeyLabel(StrEnum):
    """The HKDF `info` labels, one per purpose, which make the sub-keys independent (RFC 5869 §3.2)."""

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
    API_KEYS = "decode/api-keys/v1"
    RECEIPTS = "decode/idempotency-answers/v1"
    WORDS = "decode/assistant-words/v1"
    SUBJECT_KEYS = "decode/subject-keys/v1"


class UnknownKey(Exception):
    """The ring lacks this key id. Retryable: rolling the key out repairs it."""


@lru_cache(maxsize=256)
def _sub_key(secret: bytes, label: KeyLabel) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label.encode()).derive(secret)


@dataclass(frozen=True)
class KeyRing:
    """`roots`: key id → secret, the current one first. `lookup`: the secret that never rotates."""

    roots: dict[str, bytes] = field(repr=False)
    lookup: bytes = field(repr=False)

    @property
    def current_id(self) -> str:
        """Id of the root secret that new data is written with."""
        return next(iter(self.roots))

    def key(self, label: KeyLabel, key_id: str) -> bytes:
        """Return the 32-byte sub-key of this label and root. Raises UnknownKey."""
        if key_id not in self.roots:
            raise UnknownKey(key_id)
        return _sub_key(self.roots[key_id], label)

    def mac(self, label: KeyLabel, key_id: str, message: str) -> bytes:
        """Return the HMAC-SHA256 (32 bytes) of `message` under a key of the ring. Raises UnknownKey."""
        return hmac.digest(self.key(label, key_id), message.encode(), "sha256")

    def lookup_mac(self, label: KeyLabel, message: str) -> bytes:
        """Return the HMAC-SHA256 (32 bytes) of `message` under the secret that does not rotate."""
        return hmac.digest(_sub_key(self.lookup, label), message.encode(), "sha256")
