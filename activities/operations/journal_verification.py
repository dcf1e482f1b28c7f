"""One verification of the journal: its entries page by page, against the checkpoints, the head and the anchor file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from domain.journal.chain import BEFORE_FIRST, BrokenHead, Link
from domain.journal.checkpoints import Checkpoint, InvalidCheckpoint
from domain.journal.verification import Broken, ChainCheck, Missing, require_dropped_for_age
from domain.moments import format_timestamp

if TYPE_CHECKING:
    from adapters.crypto.checkpoint_tokens import CheckpointTokens
    from adapters.files.anchor_file import AnchorFile
    from adapters.mongo.journal.chain import ChainStore, Linked
    from adapters.mongo.journal.checkpoints import CheckpointStore, StoredCheckpoint
    from adapters.mongo.journal.journal import JournalStore

PAGE_SIZE = 5_000
NO_PLACE = "the head is no place in the journal"


@dataclass(frozen=True)
class JournalSources:
    """All that is compared."""

    journal: "JournalStore"
    chain: "ChainStore"
    checkpoints: "CheckpointStore"
    tokens: "CheckpointTokens"
    anchor_file: "AnchorFile"


@dataclass
class Counts:
    """How many entries and checkpoints were verified."""

    entries: int = 0
    checkpoints: int = 0


class JournalVerification:
    """Verifies from an entry to another. `counts` has what was verified so far, also when it is broken. `carry` gets
    the position after each page.
    """

    def __init__(self, sources: JournalSources, after: Link | None, counts: Counts, carry: Callable[..., None]) -> None:
        self._sources = sources
        self._check = ChainCheck(after or BEFORE_FIRST)
        self._is_resumed = after is not None
        self._anchored: Mapping[int, Checkpoint] = {}
        self.counts = counts
        self._carry = carry

    async def run(self, first: int | None, last: int | None) -> None:
        """Verify the entries from `first` to `last`; by default from the oldest to the newest. Raises Broken."""
        end = await self._end(last)
        if first and not self._is_resumed:
            self._check = ChainCheck(await self._sources.chain.find_link(first - 1) or BEFORE_FIRST)
        while self._check.link.seq < end.seq:
            try:
                await self._verify_page(end.seq)
            except Missing:
                # Only now: entries may be dropped for their age at any moment of a verification that takes hours.
                if not await self._skip_dropped():
                    raise
            self._carry(*self.position)
        newest = self._check.link
        if end.hash and newest.seq == end.seq and newest.hash != end.hash:
            raise Broken(end.seq, "the head has another hash")

    @property
    def position(self) -> tuple[int, str, int, int]:
        """Where it is: number and hash of the newest entry that was verified, and the counts."""
        return self._check.link.seq, self._check.link.hash, self.counts.entries, self.counts.checkpoints

    async def _end(self, last: int | None) -> Link:
        """Return the newest place, or that of `last`. What is signed, and what is there, is read before the head: the
        head is never behind.
        """
        signed = [*await self._newest_stored(), *await self._newest_anchored()]
        has_unnumbered = await self._sources.chain.has_unnumbered()
        newest = await self._sources.chain.find_last() or 0
        link = await self._head(newest)
        if any(checkpoint.seq > link.seq for checkpoint in signed):
            raise Broken(link.seq + 1, "it is missing: a checkpoint of it or of a later one was signed")
        if newest > link.seq or has_unnumbered:
            raise Broken(link.seq + 1, "the head does not know it")
        await self._require_numbered_checkpoints(link)
        return link if last is None or last >= link.seq else Link(last, "")

    async def _head(self, newest: int) -> Link:
        """Return the place of the head, as numbering writes it. Raises Broken for anything else."""
        try:
            head = await self._sources.journal.find_head()
        except BrokenHead:
            raise Broken(newest or 1, NO_PLACE) from None
        return head.link if head else BEFORE_FIRST

    async def _require_numbered_checkpoints(self, head: Link) -> None:
        """Raise Broken if a checkpoint has no number. Its token may say which it had."""
        token = await self._sources.checkpoints.find_unnumbered()
        if token is not None:
            checkpoint = self._own(token)
            raise Broken(checkpoint.seq if checkpoint else head.seq + 1, "a checkpoint has no number")

    async def _newest_stored(self) -> Sequence[Checkpoint]:
        newest = await self._sources.checkpoints.find_newest()
        return [self._read(newest)] if newest else []

    async def _newest_anchored(self) -> Sequence[Checkpoint]:
        """Return the newest checkpoint in the anchor file. Lines that we have not signed say nothing."""
        tokens = await self._sources.anchor_file.read_tail()
        signed = [checkpoint for token in tokens if (checkpoint := self._own(token))]
        newest = max(signed, key=lambda checkpoint: checkpoint.seq, default=None)
        self._anchored = {newest.seq: newest} if newest else {}
        return [newest] if newest else []

    async def _verify_page(self, end: int) -> None:
        after = self._check.link.seq
        last = min(after + PAGE_SIZE, end)
        stored = await self._sources.checkpoints.list_between(after, last)
        signed = {**self._anchored, **{each.seq: self._read(each) for each in stored}}
        async for entries in self._sources.chain.read(after, last):
            self._add(entries, signed)
        if self._check.link.seq < last:
            raise Missing(self._check.link.seq + 1)

    def _add(self, entries: "Sequence[Linked]", signed: Mapping[int, Checkpoint]) -> None:
        for entry, stored_hash in entries:
            if entry is None:
                raise Broken(self._check.link.seq + 1, "it was changed: a field is missing")
            seq = self._check.add(entry, stored_hash)
            self.counts.entries += 1
            if checkpoint := signed.get(seq):
                self._check.meet(checkpoint)
                self.counts.checkpoints += 1

    async def _skip_dropped(self) -> bool:
        """Go on after what was dropped for its age, up to a checkpoint, whose hash the oldest entry has to follow.

        While entries are being dropped that checkpoint is still to come: then it signs the oldest with those after it.
        Returns whether anything was dropped. Raises Broken if it was too young.
        """
        oldest = await self._sources.chain.find_first()
        if oldest is None or oldest <= self._check.link.seq + 1:
            return False
        stored = await self._sources.checkpoints.find_from(oldest - 1)
        checkpoint = self._read(stored) if stored else None
        require_dropped_for_age(self._check.link.seq + 1, oldest, checkpoint, datetime.now(UTC))
        if checkpoint and checkpoint.seq == oldest - 1:
            self._check = ChainCheck(checkpoint.link)
        else:
            self._check = ChainCheck(await self._sources.chain.find_link_before(oldest))
        return True

    def _read(self, stored: "StoredCheckpoint") -> Checkpoint:
        """Return what a stored checkpoint says. Raises Broken unless its token says the same, signed by us."""
        checkpoint = self._own(stored.token)
        if checkpoint is None:
            raise Broken(stored.seq, "its checkpoint is not signed by us")
        if (checkpoint.link, checkpoint.at) != (Link(stored.seq, stored.hash), format_timestamp(stored.at)):
            raise Broken(stored.seq, "its checkpoint signs something else")
        return checkpoint

    def _own(self, token: str) -> Checkpoint | None:
        try:
            return self._sources.tokens.verify(token)
        except InvalidCheckpoint:
            return None
