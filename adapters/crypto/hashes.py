"""Keyed hashes that stand for a person, a device or a request where nothing personal may appear."""

import base64
import json
import secrets

from adapters.crypto.keys import KeyRing, Label
from domain.flows import FLOWS, FlowKind

WORKFLOW_KEY_LENGTH = 22
"""132 bits: enough that two never meet, short enough to read in the Temporal UI."""

FLOW_SECRET_LENGTH = 32
"""192 bits."""


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Hashes:
    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def subject(self, identifier: str) -> str:
        """Stands for an address or a name, in search attributes and records."""
        return _text(self._ring.lookup_mac(Label.SUBJECTS, identifier))[:WORKFLOW_KEY_LENGTH]

    def workflow_key(self, secret_or_id: str) -> str:
        """The part of a workflow id that stands for a flow id or a user id."""
        return _text(self._ring.lookup_mac(Label.IDS, f"workflow|{secret_or_id}"))[:WORKFLOW_KEY_LENGTH]

    def object_id(self, owner: str, what: str) -> str:
        """24 hex digits for the one `what` that `owner` makes: made twice, it is the same document."""
        return self._ring.lookup_mac(Label.IDS, f"object|{owner}|{what}")[:12].hex()

    def new_object_id(self) -> str:
        """24 hex digits for something that is made once, by nobody in particular."""
        return secrets.token_hex(12)

    def username_hold(self, username_key: str) -> str:
        """The key under which a username is held."""
        return self.subject(f"username|{username_key}")

    def email_hold(self, email_key: str) -> str:
        """The key under which an address is held."""
        return self.subject(f"email|{email_key}")

    def revert_flow_id(self, owner: str) -> str:
        """Id of the flow that takes back what the change `owner` did: a secret, told in one mail alone."""
        secret = _text(self._ring.lookup_mac(Label.IDS, f"email-revert|{owner}"))[:FLOW_SECRET_LENGTH]
        return FLOWS[FlowKind.EMAIL_REVERT].letter + secret

    def place(self, address_key: str, number: int) -> str:
        """The key under which a registration holds one of its network's places."""
        return self.subject(f"place|{address_key}|{number}")

    def fingerprint(self, user_id: str, typed: str) -> str:
        """How a device is stored: bound to its user, useless elsewhere."""
        return _text(self._ring.lookup_mac(Label.DEVICES, f"{user_id}|{typed}"))

    def device_id(self, user_id: str, fingerprint: str) -> str:
        """Id of the user's device with this keyed fingerprint."""
        return self.object_id(user_id, f"device|{fingerprint}")

    def proof(self, flow_id: str, code: str) -> str:
        """What a route passes into a flow in place of the code."""
        return _text(self._ring.lookup_mac(Label.PROOFS, f"{flow_id}|{code}"))

    def request(self, caller: str, route: str, key: str) -> str:
        """Stands for one idempotent request."""
        return _text(self._ring.lookup_mac(Label.REQUESTS, f"{caller}|{route}|{key}"))[:FLOW_SECRET_LENGTH]

    def body(self, canonical_json: str) -> str:
        """Tells whether a repeated request is the same request."""
        return _text(self._ring.lookup_mac(Label.REQUESTS, f"body|{canonical_json}"))

    def bucket(self, *what: str) -> str:
        """Stands for whom or what a limit counts. The parts are written apart: no two lists give one key."""
        return self.subject("limit|" + json.dumps(what))

    def new_ticket(self, request: str | None) -> str:
        """256 bits that open something once: random, or derived so that a repeated request gets its own again."""
        if request is None:
            return secrets.token_urlsafe(32)
        return _text(self._ring.lookup_mac(Label.TICKETS, f"new|{request}"))

    def ticket(self, app: str, ticket: str) -> str:
        """How an SSO token is stored: bound to its app, unknown to any other."""
        return _text(self._ring.lookup_mac(Label.TICKETS, f"sso|{app}|{ticket}"))

    def socket_ticket(self, ticket: str) -> str:
        """How a ticket for a WebSocket is stored."""
        return _text(self._ring.lookup_mac(Label.TICKETS, f"socket|{ticket}"))

    def new_nonce(self, request: str | None) -> str:
        """128 bits in the letters that EIP-4361 allows: random, or derived like a ticket."""
        if request is None:
            return secrets.token_hex(16)
        return self._ring.lookup_mac(Label.TICKETS, f"nonce|{request}")[:16].hex()

    def nonce(self, nonce: str) -> str:
        """How the nonce of a wallet's challenge is stored."""
        return _text(self._ring.lookup_mac(Label.TICKETS, f"wallet|{nonce}"))

    def flow_id(self, kind: FlowKind, request: str | None) -> str:
        """Kind letter + 192 bits: random, or derived so that a repeated request finds its own flow."""
        return FLOWS[kind].letter + (request or secrets.token_urlsafe(24))
