"""Verifies an exported journal line by line, in constant memory (docs/audit-file.md). Standard library only."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.journal.chain import BEFORE_FIRST, FIRST_SEQ, VERSION, Link
from domain.journal.checkpoints import Checkpoint, InvalidCheckpoint, PublicKeys, is_moment, verify_checkpoint
from domain.journal.json_objects import parse_object
from domain.journal.verification import Broken, ChainCheck, require_dropped_for_age, require_hash, require_signed

COVERED = frozenset("v seq prev type at actor subject request_id cause public sealed_actor sealed_subject".split())
"""The fields of an entry that its hash covers."""
BESIDE = frozenset({"kind", "hash", "opened"})
MAX_LINE = 1_000_000

Line = dict[str, object]


class Unreadable(Exception):
    """The file is no exported journal, or one of another version."""


@dataclass(frozen=True)
class Export:
    """The first line. `is_whole`: each number from `first` to `last` is there; `is_all`: `last` was the newest then."""

    first: int
    last: int
    at: str
    is_whole: bool
    is_all: bool


@dataclass
class Result:
    """What was verified. `signed_up_to`: the newest number that a checkpoint covers, 0 without one."""

    export: Export
    entries: int = 0
    checkpoints: int = 0
    signed_up_to: int = 0


class ExportCheck:
    """Verifies one file. `keys`: None leaves checkpoints unread. `anchored`: checkpoints kept outside of the file."""

    def __init__(self, export: Export, keys: PublicKeys | None, anchored: Sequence[Checkpoint] = ()) -> None:
        self.result = Result(export)
        self._keys = keys
        self._anchored: Mapping[int, Checkpoint] = {checkpoint.seq: checkpoint for checkpoint in anchored}
        self._newest_anchored = max(anchored, key=lambda checkpoint: checkpoint.seq, default=None)
        self._chain = ChainCheck(BEFORE_FIRST) if export.first == FIRST_SEQ and export.is_whole else None
        self._link = Link(export.first - 1, "")

    @property
    def expected(self) -> int:
        """The number that is due."""
        return self._link.seq + 1

    def verify(self, lines: Iterable[bytes]) -> Iterator[int]:
        """Verify all lines after the first; yields each number verified. Raises Broken."""
        for line in lines:
            fields = _parse(line, self.expected)
            if fields.get("kind") == "end":
                self._end(fields, lines)
                return
            if fields.get("kind") == "checkpoint":
                self._checkpoint(fields)
            else:
                yield self._entry(fields)
        raise Broken(self.expected, "the file ends before its last line")

    def _entry(self, fields: Line) -> int:
        entry = {name: value for name, value in fields.items() if name not in BESIDE}
        if fields.get("kind") != "entry" or entry.keys() != COVERED:
            raise Broken(self.expected, "it is no entry, or has other fields")
        self._link = self._follow(entry, fields.get("hash"))
        self.result.entries += 1
        if self._link.seq in self._anchored:
            self._sign(self._anchored[self._link.seq])
        return self._link.seq

    def _follow(self, entry: Line, stored_hash: object) -> Link:
        if self.result.export.is_whole:
            # Nothing in the file tells what the first entry follows, unless a checkpoint came before it.
            self._chain = self._chain or ChainCheck(Link(self._link.seq, str(entry["prev"])))
            self._chain.add(entry, stored_hash)
            return self._chain.link
        seq = entry["seq"]
        if type(seq) is not int or not self.expected <= seq <= self.result.export.last:
            raise Broken(self.expected, "an entry is out of order")
        require_hash(seq, entry, stored_hash)
        return Link(seq, str(stored_hash))

    def _checkpoint(self, fields: Line) -> None:
        if self._keys is None:
            return
        try:
            checkpoint = verify_checkpoint(str(fields.get("token")), self._keys)
        except InvalidCheckpoint as error:
            raise Broken(self._link.seq, f"a checkpoint is not ours: {error}") from None
        if self.result.checkpoints == 0:
            self._judge_missing(checkpoint)
        if self.result.entries == 0 and checkpoint.seq == self._link.seq:
            self._link = checkpoint.link
            self._chain = ChainCheck(checkpoint.link)
        if self.result.export.is_whole or checkpoint.seq == self._link.seq:
            self._sign(checkpoint)
        self.result.checkpoints += 1

    def _judge_missing(self, checkpoint: Checkpoint | None) -> None:
        """Judge what is missing before the first entry, by the first checkpoint that the file has, and by its date."""
        export = self.result.export
        if export.is_whole and export.first > FIRST_SEQ:
            require_dropped_for_age(FIRST_SEQ, export.first, checkpoint, datetime.fromisoformat(export.at))

    def _sign(self, checkpoint: Checkpoint) -> None:
        require_signed(self._link, checkpoint)
        self.result.signed_up_to = checkpoint.seq

    def _end(self, fields: Line, rest: Iterable[bytes]) -> None:
        export, newest = self.result.export, self._newest_anchored
        if export.is_whole and self._link.seq != export.last:
            raise Broken(self.expected, "it is missing: the file goes on in its first line")
        if fields != {"kind": "end", "entries": self.result.entries} or any(rest):
            raise Broken(self.expected, "the last line counts other entries")
        if self._keys is not None and self.result.checkpoints == 0:
            self._judge_missing(None)
        if newest and export.is_all and newest.at <= export.at and newest.seq > export.last:
            raise Broken(export.last + 1, f"it is missing: a checkpoint of {newest.seq} is older than the file")


def parse_export(line: bytes) -> Export:
    """Return what the first line says. Raises Unreadable."""
    try:
        fields = parse_object(line)
    except ValueError as error:
        raise Unreadable(f"line 1 is no JSON object: {error}") from None
    match fields:
        case {"kind": "export", "v": int(version)} if version != VERSION:
            raise Unreadable(f"version {version} of the format is not known here")
        case {"kind": "export", "from": int(first), "to": int(last), "at": str(at), "whole": bool(is_whole)} if (
            is_moment(at)
        ):
            return Export(first, last, at, is_whole, is_whole and fields.get("filter") is None)
    raise Unreadable("line 1 is not that of an exported journal")


def parse_anchored(lines: Iterable[bytes], keys: PublicKeys) -> Sequence[Checkpoint]:
    """Return the checkpoints of an anchor file, or of an export, which must all be ours. Raises Unreadable."""
    try:
        parsed = [parse_object(line) for line in lines]
        tokens = [str(fields.get("token")) for fields in parsed if fields.get("kind") == "checkpoint"]
        return [verify_checkpoint(token, keys) for token in tokens]
    except ValueError as error:
        raise Unreadable(f"the anchored checkpoints: {error}") from None


def _parse(line: bytes, expected: int) -> Line:
    if not line.endswith(b"\n"):
        raise Broken(expected, "the file ends within a line, or a line is too long")
    try:
        return parse_object(line)
    except ValueError as error:
        raise Broken(expected, f"its line cannot be read: {error}") from None
