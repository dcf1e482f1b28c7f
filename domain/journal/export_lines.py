"""The lines of an exported journal (docs/audit-file.md). Standard library only."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby
from operator import attrgetter

from domain.journal.audit import AuditEntry, AuditFilter, asked_for
from domain.journal.chain import VERSION, Json
from domain.journal.entries import canonical
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


def entry_line(read: AuditEntry) -> str:
    """Return the line of an entry, with its words as far as they can be read. Raises NotCanonical."""
    words = {"actor": read.actor_words, "subject": read.subject_words}
    opened = {side: dict(told) for side, told in words.items() if told}
    beside = {"opened": opened} if opened else {}
    return _line({"kind": "entry", **canonical(read.entry), "hash": read.entry.hash, **beside})


def checkpoint_line(token: str) -> str:
    """Return the line of a checkpoint."""
    return _line({"kind": "checkpoint", "token": token})


def end_line(entries: int) -> str:
    """Return the last line. `entries`: how many the file has."""
    return _line({"kind": "end", "entries": entries})


def pieces(entries: Iterable[AuditEntry], tokens: Mapping[int, str]) -> Iterator[Piece]:
    """Yield what the file has of each number, in order: the entry, then the checkpoint that signs it.

    `tokens`: of checkpoints, by the number that they sign, in order.
    """
    signed = (Piece(seq, checkpoint_line(token), has_entry=False) for seq, token in tokens.items())
    written = (Piece(read.entry.seq, entry_line(read), has_entry=True) for read in entries)
    for seq, same in groupby(merge(written, signed, key=attrgetter("seq")), key=attrgetter("seq")):
        first, *more = same
        yield Piece(seq, "".join(piece.text for piece in (first, *more)), first.has_entry)


def _line(fields: Json) -> str:
    return _encode(fields) + "\n"
