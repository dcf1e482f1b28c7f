"""Checkpoints: a place of the chain and a moment, signed, so that who can write the database cannot write another past.

A checkpoint is a compact JWS (RFC 7515) by Ed25519 (RFC 8037), typed as RFC 8725 §3.11 advises. Standard library only.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.journal import ed25519
from domain.journal.chain import HASH, Link
from domain.journal.json_objects import parse_object

ALGORITHM = "EdDSA"
TOKEN_TYPE = "audit-checkpoint+jwt"  # noqa: S105 - a type of token
MAX_TOKEN_LENGTH = 1024
AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")

PublicKeys = Mapping[str, bytes]
"""Key id → Ed25519 public key (32 bytes)."""
Verify = Callable[[bytes, bytes, bytes], bool]
"""Whether, for a public key and a message, a signature is right."""


class InvalidCheckpoint(ValueError):
    """A token is no checkpoint that one of the known keys has signed."""


@dataclass(frozen=True)
class Checkpoint:
    """What is signed: at the moment `at` (text, milliseconds, UTC) the newest entry had this number and hash."""

    seq: int
    hash: str
    at: str

    @property
    def link(self) -> Link:
        """The place in the chain."""
        return Link(self.seq, self.hash)

    def claims(self) -> dict[str, str | int]:
        """Return the claims of its token."""
        return {"seq": self.seq, "hash": self.hash, "at": self.at}


@dataclass(frozen=True)
class SignedCheckpoint:
    """A checkpoint with its token, and the id of the key that signed it."""

    checkpoint: Checkpoint
    key_id: str
    token: str


def verify_checkpoint(token: str, keys: PublicKeys, verify: Verify = ed25519.verify) -> Checkpoint:
    """Return what a token says. Raises InvalidCheckpoint.

    The key is one of `keys`, named by `kid`. The header has exactly alg, typ and kid: no key, address of a key or
    critical extension in it is looked at (RFC 8725 §3.1, §3.10).
    """
    parts = token.split(".")
    if len(token) > MAX_TOKEN_LENGTH or len(parts) != 3:
        raise InvalidCheckpoint("it is no compact JWS")
    header, claims, signature = (_decode(part) for part in parts)
    key = keys.get(_key_id(header))
    if key is None:
        raise InvalidCheckpoint("its key is not known")
    if not verify(key, token.rpartition(".")[0].encode(), signature):
        raise InvalidCheckpoint("its signature is wrong")
    return _checkpoint(claims)


def is_moment(text: str) -> bool:
    """Whether this is a moment as the journal writes it: in UTC, with milliseconds."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return AT.fullmatch(text) is not None


def parse_public_keys(jwks: bytes) -> PublicKeys:
    """Return the Ed25519 keys of a JWK set (RFC 8037 §2), as `/.well-known/jwks.json` has them. Raises ValueError."""
    listed = parse_object(jwks).get("keys")
    if not isinstance(listed, list):
        raise ValueError("it is no JWK set")
    keys = [key for key in listed if isinstance(key, dict) and (key.get("kty"), key.get("crv")) == ("OKP", "Ed25519")]
    return {str(key.get("kid")): _decode(str(key.get("x"))) for key in keys}


def _key_id(header: bytes) -> str:
    fields = _object(header)
    kid = fields.pop("kid", None)
    if fields != {"alg": ALGORITHM, "typ": TOKEN_TYPE} or not isinstance(kid, str):
        raise InvalidCheckpoint("its header is not that of a checkpoint")
    return kid


def _checkpoint(claims: bytes) -> Checkpoint:
    match _object(claims):
        case {"seq": int(seq), "hash": str(digest), "at": str(at), **more} if (
            seq is not True and seq > 0 and HASH.fullmatch(digest) and is_moment(at) and not more
        ):
            return Checkpoint(seq, digest, at)
    raise InvalidCheckpoint("its claims are not those of a checkpoint")


def _object(text: bytes) -> dict[str, object]:
    try:
        return parse_object(text)
    except ValueError:
        raise InvalidCheckpoint("it holds no JSON") from None


def _decode(text: str) -> bytes:
    """Return the bytes of base64url without padding, in its one spelling. Raises InvalidCheckpoint."""
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidCheckpoint("it is no base64url") from None
    if base64.urlsafe_b64encode(decoded).decode().rstrip("=") != text:
        raise InvalidCheckpoint("it is no base64url")
    return decoded
