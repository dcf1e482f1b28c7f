"""The journal's chain: each entry names the hash of the one before it, from the first on. Standard library only.

An entry's hash is the SHA-256 of its canonical JSON (RFC 8785), where texts, integers and null are the only values:
with those, sorted keys and no spaces are the whole of the rule. Sealed parts are in it by their own SHA-256, so that an
entry still verifies when the key to them is gone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

VERSION = 1
FIRST_SEQ = 1
NO_HASH = "0" * 64
"""The hash before the first entry."""

Json = Mapping[str, object]
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True)
class Link:
    """A place in the chain: the number and hash of an entry."""

    seq: int
    hash: str


BEFORE_FIRST = Link(FIRST_SEQ - 1, NO_HASH)


def canonical_json(value: Json) -> bytes:
    """Return the one JSON text of a value of texts, integers and null (RFC 8785), in UTF-8."""
    return _encode(value).encode()


def hash_entry(entry: Json) -> str:
    """Return the hash of an entry (64 hex digits).

    `entry` has exactly the fields v, seq, prev, type, at, actor, subject, request_id, cause, public, sealed_actor and
    sealed_subject; the last two are hex digests or None, `at` is a timestamp in milliseconds and UTC.
    """
    return sha256(canonical_json(entry)).hexdigest()


def digest(sealed: bytes | None) -> str | None:
    """Return the SHA-256 of a sealed part (64 hex digits); None without one."""
    return sha256(sealed).hexdigest() if sealed is not None else None
