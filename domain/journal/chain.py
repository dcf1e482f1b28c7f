"""The journal's chain: each entry names the hash of the one before it, from the first on. Standard library only.

An entry's hash is the SHA-256 of its canonical JSON (RFC 8785), where texts, integers and null are the only values:
with those, sorted keys and no spaces are the whole of the rule. Sealed parts are in it by their own SHA-256, so that an
entry still verifies when the key to them is gone.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeGuard

VERSION = 1
FIRST_SEQ = 1
MAX_SEQ = 10**15 - 1
"""The largest number that an entry can have: what a cursor has room for."""
NO_HASH = "0" * 64
"""The hash before the first entry."""

HASH = re.compile("[0-9a-f]{64}")

Json = Mapping[str, object]
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True)
class Link:
    """A place in the chain: the number and hash of an entry."""

    seq: int
    hash: str


BEFORE_FIRST = Link(FIRST_SEQ - 1, NO_HASH)


class BrokenHead(Exception):
    """What is stored as the newest place of the chain is no place of a chain."""


def is_number(seq: object) -> TypeGuard[int]:
    """Whether this is such a number as a chain has, 0 for the place before its first entry."""
    return isinstance(seq, int) and not isinstance(seq, bool) and BEFORE_FIRST.seq <= seq <= MAX_SEQ


def is_place(seq: object, hash: object) -> bool:
    """Whether number and hash, as they are stored, are such as a chain has."""
    return is_number(seq) and isinstance(hash, str) and HASH.fullmatch(hash) is not None


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
