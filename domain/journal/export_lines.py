"""The lines of an exported journal (docs/audit-file.md), and of entries before their words are opened. Standard library
only.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby
from operator import attrgetter

from domain.journal.audit import AuditFilter, Words, asked_for
from domain.journal.chain import VERSION, Json
from domain.journal.entries import Entry, canonical
from domain.journal.occurrences import Party
from domain.moments import format_timestamp

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class ExportRange:
    """The numbers that an export covers, which is settled when it begins at the moment `at`."""

    first: int
    last: int
    at: datetime


@dataclass(frozen=True)
class Piece:
    """What the file has of one number: an entry, a checkpoint, or both."""

    seq: int
    text: str
    has_entry: bool


def export_line(covered: ExportRange, filter: AuditFilter) -> str:
    """Return the first line."""
    asked = asked_for(filter)
    fields = {"at": format_timestamp(covered.at), "from": covered.first, "to": covered.last}
    return _line({"kind": "export", "v": VERSION, **fields, "whole": not asked, "filter": asked or None})


def sealed_line(entry: Entry) -> str:
    """Return the line of an entry as it is kept until it is read, its words sealed. Raises NotCanonical."""
    words = {"actor": entry.sealed_actor, "subject": entry.sealed_subject}
    sealed = {side: b64encode(text).decode() for side, text in words.items() if text is not None}
    beside = {"sealed": {"id": entry.occurrence_id, **sealed}} if sealed else {}
    return _line({"kind": "entry", **canonical(entry), "hash": entry.hash, **beside})


@dataclass(frozen=True)
class SealedLine:
    """An entry's line whose words are sealed. `fields`: what the file has of it beside them."""

    fields: Json
    occurrence_id: str
    actor: Party | None
    subject: Party | None
    sealed_actor: bytes | None
    sealed_subject: bytes | None


def parse_sealed_line(line: bytes) -> SealedLine | None:
    """Return a line that `sealed_line` has made; None for one without sealed words."""
    fields = json.loads(line)
    sealed = fields.pop("sealed", None)
    if sealed is None:
        return None
    actor, subject = [Party(**fields[side]) if fields[side] else None for side in ("actor", "subject")]
    sealed_actor, sealed_subject = [
        b64decode(sealed[side]) if side in sealed else None for side in ("actor", "subject")
    ]
    return SealedLine(fields, sealed["id"], actor, subject, sealed_actor, sealed_subject)


def opened_line(line: SealedLine, *, actor: Words | None, subject: Words | None) -> str:
    """Return the line as readers get it, with its words as far as they can be read."""
    words = {"actor": actor, "subject": subject}
    opened = {side: dict(told) for side, told in words.items() if told}
    return _line({**line.fields, "opened": opened} if opened else line.fields)


def checkpoint_line(token: str) -> str:
    """Return the line of a checkpoint."""
    return _line({"kind": "checkpoint", "token": token})


def end_line(entries: int) -> str:
    """Return the last line. `entries`: how many the file has."""
    return _line({"kind": "end", "entries": entries})


def pieces(entries: Iterable[Entry], tokens: Mapping[int, str]) -> Iterator[Piece]:
    """Yield what the file has of each number, in order: the entry, then the checkpoint that signs it.

    `tokens`: of checkpoints, by the number that they sign, in order.
    """
    signed = (Piece(seq, checkpoint_line(token), has_entry=False) for seq, token in tokens.items())
    written = (Piece(entry.seq, sealed_line(entry), has_entry=True) for entry in entries)
    for seq, same in groupby(merge(written, signed, key=attrgetter("seq")), key=attrgetter("seq")):
        first, *more = same
        yield Piece(seq, "".join(piece.text for piece in (first, *more)), first.has_entry)


def _line(fields: Json) -> str:
    return _encode(fields) + "\n"
