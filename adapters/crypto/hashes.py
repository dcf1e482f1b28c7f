"""Keyed hashes that stand for a person, a device or a request where nothing personal may appear."""

import base64
import json
import secrets

from adapters.crypto.keys import KeyLabel, KeyRing
from domain.flows import FLOWS, FlowKind

WORKFLOW_KEY_LENGTH = 22
"""132 bits: enough that two never meet, short enough to read in the Temporal UI."""

FLOW_SECRET_LENGTH = 32
"""192 bits."""


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class KeyedHashes:
    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def subject_hash(self, identifier: str) -> str:
        """Stands for an address or a name, in search attributes and records."""
        return _text(self._ring.lookup_mac(KeyLabel.SUBJECTS, identifier))[:WORKFLOW_KEY_LENGTH]

    def workflow_key(self, secret_or_id: str) -> str:
        """The part of a workflow id that stands for a flow id or a user id."""
        return _text(self._ring.lookup_mac(KeyLabel.IDS, f"workflow|{secret_or_id}"))[:WORKFLOW_KEY_LENGTH]

    def derive_object_id(self, effect_key: str, purpose: str) -> str:
        """24 hex digits for the one `purpose` that `effect_key` makes: made twice, it is the same document."""
        return self._ring.lookup_mac(KeyLabel.IDS, f"object|{effect_key}|{purpose}")[:12].hex()

    def new_object_id(self) -> str:
        """24 hex digits for something that is made once, by nobody in particular."""
        return secrets.token_hex(12)

    def username_hold_key(self, username_key: str) -> str:
        """The key under which a username is held."""
        return self.subject_hash(f"username|{username_key}")

    def email_hold_key(self, email_key: str) -> str:
        """The key under which an address is held."""
        return self.subject_hash(f"email|{email_key}")

    def derive_revert_flow_id(self, workflow_id: str) -> str:
        """Id of the flow that takes back what the change `workflow_id` did: a secret, told in one mail alone."""
        secret = _text(self._ring.lookup_mac(KeyLabel.IDS, f"email-revert|{workflow_id}"))[:FLOW_SECRET_LENGTH]
        return FLOWS[FlowKind.EMAIL_REVERT].letter + secret

    def slot_key(self, address_key: str, number: int) -> str:
        """The key under which a registration holds one of its network's places."""
        return self.subject_hash(f"place|{address_key}|{number}")

    def fingerprint_hash(self, user_id: str, fingerprint_typed: str) -> str:
        """How a device is stored: bound to its user, useless elsewhere."""
        return _text(self._ring.lookup_mac(KeyLabel.DEVICES, f"{user_id}|{fingerprint_typed}"))

    def device_id(self, user_id: str, fingerprint: str) -> str:
        """Id of the user's device with this keyed fingerprint."""
        return self.derive_object_id(user_id, f"device|{fingerprint}")

    def code_proof(self, flow_id: str, code: str) -> str:
        """What a route passes into a flow in place of the code."""
        return _text(self._ring.lookup_mac(KeyLabel.PROOFS, f"{flow_id}|{code}"))

    def request_key(self, caller: str, route: str, idempotency_key: str) -> str:
        """Stands for one idempotent request."""
        return _text(self._ring.lookup_mac(KeyLabel.REQUESTS, f"{caller}|{route}|{idempotency_key}"))[
            :FLOW_SECRET_LENGTH
        ]

    def body_hash(self, canonical_json: str) -> str:
        """Tells whether a repeated request is the same request."""
        return _text(self._ring.lookup_mac(KeyLabel.REQUESTS, f"body|{canonical_json}"))

    def bucket_key(self, *what: str) -> str:
        """Stands for whom or what a limit counts. The parts are written apart: no two lists give one key."""
        return self.subject_hash("limit|" + json.dumps(what))

    def new_ticket(self, request_key: str | None) -> str:
        """256 bits that open something once: random, or derived so that a repeated request gets its own again."""
        if request_key is None:
            return secrets.token_urlsafe(32)
        return _text(self._ring.lookup_mac(KeyLabel.TICKETS, f"new|{request_key}"))

    def sso_ticket_hash(self, app: str, ticket: str) -> str:
        """How an SSO token is stored: bound to its app, unknown to any other."""
        return _text(self._ring.lookup_mac(KeyLabel.TICKETS, f"sso|{app}|{ticket}"))

    def socket_ticket_hash(self, ticket: str) -> str:
        """How a ticket for a WebSocket is stored."""
        return _text(self._ring.lookup_mac(KeyLabel.TICKETS, f"socket|{ticket}"))

    def new_nonce(self, request_key: str | None) -> str:
        """128 bits in the letters that EIP-4361 allows: random, or derived like a ticket."""
        if request_key is None:
            return secrets.token_hex(16)
        return self._ring.lookup_mac(KeyLabel.TICKETS, f"nonce|{request_key}")[:16].hex()

    def nonce_hash(self, nonce: str) -> str:
        """How the nonce of a wallet's challenge is stored."""
        return _text(self._ring.lookup_mac(KeyLabel.TICKETS, f"wallet|{nonce}"))

    def new_flow_id(self, kind: FlowKind, request_key: str | None) -> str:
        """Kind letter + 192 bits: random, or derived so that a repeated request finds its own flow."""
        return FLOWS[kind].letter + (request_key or secrets.token_urlsafe(24))
