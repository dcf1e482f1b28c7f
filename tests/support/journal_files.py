"""Exported journals as lines, for tests that tamper with them."""

import base64
import json
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.journal.chain import BEFORE_FIRST, Link, hash_entry
from domain.journal.checkpoints import ALGORITHM, TOKEN_TYPE, Checkpoint, PublicKeys

AT = "2026-01-31T09:30:00.000Z"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS: PublicKeys = {"k1": KEY.public_key().public_bytes_raw()}
JWKS = json.dumps(
    {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": base64.urlsafe_b64encode(KEYS["k1"]).decode()[:43]}]}
)

Line = dict[str, object]


def make_entry(after: Link, **changed: object) -> Line:
    """Return the line of the entry that follows `after`."""
    user = {"kind": "user", "id": f"{after.seq:024x}"}
    entry = {
        "v": 1,
        "seq": after.seq + 1,
        "prev": after.hash,
        "type": "user.login",
        "at": AT,
        "actor": user,
        "subject": user,
        "request_id": None,
        "cause": None,
        "public": {"note": "zwölf ✓"},
        "sealed_actor": None,
        "sealed_subject": None,
    } | changed
    return {"kind": "entry", **entry, "hash": hash_entry(entry)}


def link_of(entry: Line) -> Link:
    """Return the place of an entry's line in the chain."""
    seq = entry["seq"]
    assert isinstance(seq, int)
    return Link(seq, str(entry["hash"]))


def make_entries(count: int, after: Link = BEFORE_FIRST) -> list[Line]:
    """Return the lines of so many entries after a place of the chain."""
    lines: list[Line] = []
    for _ in range(count):
        lines.append(make_entry(after))
        after = link_of(lines[-1])
    return lines


def rehash(entry: Line, **changed: object) -> Line:
    """Return the entry changed, with the hash that it would have had."""
    fields = {name: value for name, value in entry.items() if name not in ("kind", "hash", "opened")} | changed
    return {"kind": "entry", **fields, "hash": hash_entry(fields)}


def make_token(
    link: Link, *, header: Mapping[str, object] | None = None, key: Ed25519PrivateKey = KEY, at: str = AT
) -> str:
    """Return the token of a checkpoint; `header` is added to the usual one."""
    usual = {"alg": ALGORITHM, "typ": TOKEN_TYPE, "kid": "k1"}
    return sign_token({**usual, **(header or {})}, Checkpoint(link.seq, link.hash, at).claims(), key=key)


def sign_token(header: Mapping[str, object], claims: object, *, key: Ed25519PrivateKey = KEY) -> str:
    """Return a compact JWS of header and claims as they are."""
    signed = ".".join(encode(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{encode(key.sign(signed.encode()))}"


def encode(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def checkpoint_line(link: Link, **how: object) -> Line:
    """Return the line of the checkpoint of this place."""
    return {"kind": "checkpoint", "token": make_token(link, **how)}  # type: ignore[arg-type]


def make_file(rows: Sequence[Line], *, first: int = 1, last: int | None = None, **changed: object) -> bytes:
    """Return an exported journal of these entries and checkpoints."""
    entries = [row for row in rows if row["kind"] == "entry"]
    newest = last if last is not None else first + len(entries) - 1
    head: Line = {"kind": "export", "v": 1, "at": AT, "from": first, "to": newest, "whole": True, "filter": None}
    end: Line = {"kind": "end", "entries": len(entries)}
    return to_bytes([head | changed, *rows, end])


def to_bytes(rows: Sequence[Line]) -> bytes:
    """Return the lines as they are in a file."""
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
