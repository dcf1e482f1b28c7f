"""Keyed hashes that represent a user, a device or a request where no personal data may appear."""

import base64
import json
import secrets

from adapters.crypto.keys import KeyLabel, KeyRing
from domain.flows import FLOWS, FlowKind

WORKFLOW_KEY_LENGTH = 22
"""132 bits in base64url: collisions are negligible, and the key is short enough to read in the Temporal UI."""

FLOW_SECRET_LENGTH = 32
"""192 bits in base64url."""


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class KeyedHashes:
    """Derives ids and hashes with HMAC-SHA256 under the lookup secret, which does not rotate.

    Results are base64url without padding unless the method says otherwise.
    """

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def subject_hash(self, identifier: str) -> str:
        """Return 22 characters that represent an address or a name in search attributes and records."""
        return _text(self._ring.lookup_mac(KeyLabel.SUBJECTS, identifier))[:WORKFLOW_KEY_LENGTH]

    def workflow_key(self, secret_or_id: str) -> str:
        """Return the part of a workflow id that represents a flow id or a user id: 22 characters."""
        return _text(self._ring.lookup_mac(KeyLabel.IDS, f"workflow|{secret_or_id}"))[:WORKFLOW_KEY_LENGTH]

    def derive_object_id(self, effect_key: str, purpose: str) -> str:
        """Return the ObjectId (24 hex digits) of the document that `effect_key` creates for `purpose`.

        It is deterministic, so a retry writes the same document.
        """
        return self._ring.lookup_mac(KeyLabel.IDS, f"object|{effect_key}|{purpose}")[:12].hex()

    def new_object_id(self) -> str:
        """Return a random ObjectId (24 hex digits), for a document that no retry creates again."""
        return secrets.token_hex(12)

    def username_hold_key(self, username_key: str) -> str:
        """Return the key under which a username is held."""
        return self.subject_hash(f"username|{username_key}")

    def email_hold_key(self, email_key: str) -> str:
        """Return the key under which an address is held."""
        return self.subject_hash(f"email|{email_key}")

    def derive_revert_flow_id(self, workflow_id: str) -> str:
        """Return the id of the flow that reverts the change of address of `workflow_id`.

        It is a bearer secret: kind letter + 192 bits, sent in one mail only.
        """
        secret = _text(self._ring.lookup_mac(KeyLabel.IDS, f"email-revert|{workflow_id}"))[:FLOW_SECRET_LENGTH]
        return FLOWS[FlowKind.EMAIL_REVERT].letter + secret

    def slot_key(self, address_key: str, number: int) -> str:
        """Return the hold key of one of the registration slots that an address prefix has."""
        return self.subject_hash(f"place|{address_key}|{number}")

    def fingerprint_hash(self, user_id: str, fingerprint_typed: str) -> str:
        """Return the stored form of a device fingerprint. It is bound to its user and useless elsewhere."""
        return _text(self._ring.lookup_mac(KeyLabel.DEVICES, f"{user_id}|{fingerprint_typed}"))

    def device_id(self, user_id: str, fingerprint: str) -> str:
        """Return the id of the user's device with this keyed fingerprint: 24 hex digits."""
        return self.derive_object_id(user_id, f"device|{fingerprint}")

    def code_proof(self, flow_id: str, code: str) -> str:
        """Return the proof of a typed code: a route passes it to the flow in place of the code."""
        return _text(self._ring.lookup_mac(KeyLabel.PROOFS, f"{flow_id}|{code}"))

    def request_key(self, caller: str, route: str, idempotency_key: str) -> str:
        """Return 32 characters that identify one idempotent request: caller, route and Idempotency-Key."""
        return _text(self._ring.lookup_mac(KeyLabel.REQUESTS, f"{caller}|{route}|{idempotency_key}"))[
            :FLOW_SECRET_LENGTH
        ]

    def body_hash(self, canonical_json: str) -> str:
        """Return the hash that decides whether a repeated request has the same body."""
        return _text(self._ring.lookup_mac(KeyLabel.REQUESTS, f"body|{canonical_json}"))

    def answer_key(self, question: str) -> str:
        """Return the key under which the answer to a question is kept, which names its user and model too."""
        return _text(self._ring.lookup_mac(KeyLabel.REQUESTS, f"answer|{question}"))

    def model_user(self, user_id: str) -> str:
        """Return the pseudonym by which models know a user: 22 characters."""
        return self.subject_hash(f"model-user|{user_id}")

    def bucket_key(self, *parts: str) -> str:
        """Return the key of a rate-limit bucket: 22 characters.

        The parts are encoded as JSON, so that no two lists of parts give the same input.
        """
        return self.subject_hash("limit|" + json.dumps(parts))

    def new_ticket(self, request_key: str | None) -> str:
        """Return a single-use bearer ticket of 256 bits, base64url.

        Random without a `request_key`; derived from it otherwise, so that a repeated request gets the same ticket.
        """
        if request_key is None:
            return secrets.token_urlsafe(32)
        return _text(self._ring.lookup_mac(KeyLabel.TICKETS, f"new|{request_key}"))

    def sso_ticket_hash(self, app: str, ticket: str) -> str:
        """Return the stored form of an SSO token: bound to its app, unknown to any other."""
        return _text(self._ring.lookup_mac(KeyLabel.TICKETS, f"sso|{app}|{ticket}"))

    def socket_ticket_hash(self, ticket: str) -> str:
        """Return the stored form of a WebSocket ticket."""
        return _text(self._ring.lookup_mac(KeyLabel.TICKETS, f"socket|{ticket}"))

    def new_nonce(self, request_key: str | None) -> str:
        """Return 128 bits as 32 hex digits, which EIP-4361 allows in a nonce.

        Random without a `request_key`; derived from it otherwise, as with tickets.
        """
        if request_key is None:
            return secrets.token_hex(16)
        return self._ring.lookup_mac(KeyLabel.TICKETS, f"nonce|{request_key}")[:16].hex()

    def nonce_hash(self, nonce: str) -> str:
        """Return the stored form of the nonce of a wallet challenge."""
        return _text(self._ring.lookup_mac(KeyLabel.TICKETS, f"wallet|{nonce}"))

    def new_flow_id(self, kind: FlowKind, request_key: str | None) -> str:
        """Return a flow id: kind letter + 192 bits.

        Random without a `request_key`; the key itself otherwise, so that a repeated request finds the same flow.
        """
        return FLOWS[kind].letter + (request_key or secrets.token_urlsafe(24))
