"""Derives one-time codes. No code is stored or enters a workflow history (docs/decisions/0003)."""

import hmac

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.crypto.keys import KeyLabel, KeyRing
from domain.codes import CodePurpose, code_from_number


class OneTimeCodes:
    """Derives codes from flow id, purpose and issue number (HMAC-SHA256), and compares proofs of them."""

    def __init__(self, ring: KeyRing, hashes: KeyedHashes) -> None:
        self._ring = ring
        self._hashes = hashes

    @property
    def current_key_id(self) -> str:
        """Id of the current root key. A flow keeps that of its start, so a rotation changes no code in use."""
        return self._ring.current_id

    def code(self, *, flow_id: str, purpose: CodePurpose, issue_no: int, key_id: str) -> str:
        """Return the six symbols of this issue; the same arguments give the same code. Raises UnknownKey."""
        digest = self._ring.mac(KeyLabel.CODES, key_id, f"{flow_id}|{purpose}|{issue_no}")
        return code_from_number(int.from_bytes(digest, "big"))

    def is_right(self, proof: str, *, flow_id: str, purpose: CodePurpose, issue_no: int, key_id: str) -> bool:
        """Whether `proof` is the proof of this issue's code, compared in constant time. Raises UnknownKey."""
        code = self.code(flow_id=flow_id, purpose=purpose, issue_no=issue_no, key_id=key_id)
        return hmac.compare_digest(self._hashes.code_proof(flow_id, code), proof)
