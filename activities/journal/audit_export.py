"""Gathers an export of the journal into encrypted chunks, so that none of it enters a workflow history. Its words stay
sealed until it is downloaded.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.flows import CHUNK_BYTES, EXPORT_TTL
from domain.journal.audit import AuditFilter, describe_filter
from domain.journal.chain import BEFORE_FIRST, FIRST_SEQ
from domain.journal.export_lines import ExportRange, Piece, end_line, export_line, pieces
from domain.journal.occurrences import Occurrence, OccurrenceType, user_party

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.exports import ExportStore
    from adapters.mongo.journal.audit import AuditStore
    from adapters.mongo.journal.chain import ChainStore
    from adapters.mongo.journal.checkpoints import CheckpointStore
    from adapters.mongo.journal.occurrences import OccurrenceStore

ENTRIES_AT_ONCE = 500


@dataclass(frozen=True)
class BeginAuditExport:
    """`key`: the keyed hash of the flow id, which makes a repeat the same export. The words are the reader's."""

    key: str
    user_id: str
    filter: AuditFilter
    device: str
    address_prefix: str
    at: datetime


@dataclass(frozen=True)
class ExportPlace:
    """Where a chunk begins. `number`: of the chunk, from 0. `after`: the number of the journal behind which it begins.
    `entries`: how many are in the chunks before it. `is_end`: there is no such chunk, the file is whole.
    """

    number: int
    after: int
    entries: int = 0
    is_end: bool = False


@dataclass(frozen=True)
class GatherEntries:
    """`covered`: the same for all chunks, so that what happens meanwhile is in none of them."""

    key: str
    user_id: str
    filter: AuditFilter
    covered: ExportRange
    place: ExportPlace
    at: datetime


@dataclass(frozen=True)
class FinishAuditExport:
    """`key`: the export; `at`: the workflow's clock, from which EXPORT_TTL counts."""

    key: str
    at: datetime


@dataclass
class _Chunk:
    """A chunk that is being filled. `after`: the number of its last piece. `entries`: with those of chunks before."""

    after: int
    entries: int
    texts: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, text: str) -> None:
        self.texts.append(text)
        self.size += len(text.encode())

    def has_room(self, text: str) -> bool:
        """Whether the text may be added. An empty chunk takes any."""
        return not self.texts or self.size + len(text.encode()) <= CHUNK_BYTES


class AuditExportActivities:
    """Activities of the AuditExport workflow."""

    def __init__(
        self,
        exports: "ExportStore",
        occurrences: "OccurrenceStore",
        audit: "AuditStore",
        chain: "ChainStore",
        checkpoints: "CheckpointStore",
        hashes: "KeyedHashes",
    ) -> None:
        self._exports = exports
        self._occurrences = occurrences
        self._audit = audit
        self._chain = chain
        self._checkpoints = checkpoints
        self._hashes = hashes

    @activity.defn(name="audit_export.begin")
    async def begin(self, command: BeginAuditExport) -> ExportRange:
        """Record who exports what, and for whom the file is. Returns the numbers that it is to cover."""
        await self._occurrences.record(
            Occurrence(
                self._hashes.derive_object_id(command.key, "exported"),
                OccurrenceType.AUDIT_EXPORTED,
                command.at,
                actor=user_party(command.user_id),
                subject=None,
                public=describe_filter(command.filter),
                actor_words={"device": command.device, "network": command.address_prefix},
            )
        )
        await self._exports.begin(command.key, user_id=command.user_id, now=command.at)
        first, last = await self._chain.find_first() or FIRST_SEQ, await self._chain.find_last() or BEFORE_FIRST.seq
        return ExportRange(first, last, command.at)

    @activity.defn(name="audit_export.gather")
    async def gather(self, command: GatherEntries) -> ExportPlace:
        """Write one chunk of the file. Returns where the next begins. A repeat replaces the chunk."""
        place = command.place
        chunk = _Chunk(place.after, place.entries)
        if place.number == 0:
            chunk.add(export_line(command.covered, command.filter))
        is_end = await self._fill(chunk, command)
        if is_end:
            chunk.add(end_line(chunk.entries))
        part, text = f"{place.number:06}", "".join(chunk.texts)
        await self._exports.write(command.key, part, text, user_id=command.user_id, now=command.at)
        return ExportPlace(place.number + 1, chunk.after, chunk.entries, is_end)

    async def _fill(self, chunk: _Chunk, command: GatherEntries) -> bool:
        """Fill the chunk up to its size. Returns whether nothing is left."""
        async for piece in self._pieces(command):
            if not chunk.has_room(piece.text):
                return False
            chunk.add(piece.text)
            chunk.after, chunk.entries = piece.seq, chunk.entries + piece.has_entry
        return True

    async def _pieces(self, command: GatherEntries) -> AsyncIterator[Piece]:
        """Yield what the file has from this place on, with a bounded number of entries in memory."""
        after, last = command.place.after, command.covered.last
        while after < last:
            entries = await self._audit.list_in_order(command.filter, after, last, limit=ENTRIES_AT_ONCE)
            upto = entries[-1].seq if len(entries) == ENTRIES_AT_ONCE else last
            checkpoints = await self._checkpoints.list_between(after, upto)
            for piece in pieces(entries, {checkpoint.seq: checkpoint.token for checkpoint in checkpoints}):
                yield piece
            after = upto

    @activity.defn(name="audit_export.finish")
    async def finish(self, command: FinishAuditExport) -> None:
        """Make the export readable for a day."""
        await self._exports.finish(command.key, until=command.at + EXPORT_TTL)

    @activity.defn(name="audit_export.drop")
    async def drop(self, export_key: str) -> None:
        """Delete an export that was cancelled or has failed."""
        await self._exports.delete(export_key)
