"""Signs the newest place of the journal, and anchors the signature where the database's users cannot reach it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.delivery.mail import MailInput
from domain.delivery.mail import MailKind
from domain.journal.occurrences import SYSTEM, Fact, Occurrence, OccurrenceType
from domain.moments import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.crypto.checkpoint_tokens import CheckpointTokens
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.files.anchor_file import AnchorFile
    from adapters.mongo.journal.chain import ChainStore
    from adapters.mongo.journal.checkpoints import CheckpointStore, StoredCheckpoint
    from adapters.mongo.journal.journal import JournalStore
    from adapters.mongo.journal.occurrences import OccurrenceStore


@dataclass(frozen=True)
class SignHead:
    """`owner`: the workflow id: a repeat returns the checkpoint that it had signed."""

    owner: str
    at: datetime


@dataclass(frozen=True)
class SignedHead:
    """A stored checkpoint. `mails`: to the auditors; `has_file`: whether there is an anchor file."""

    seq: int
    hash: str
    key_id: str
    token: str
    at: datetime
    has_file: bool = False
    mails: list[MailInput] = field(default_factory=list)


@dataclass(frozen=True)
class RecordAnchors:
    """What became of each anchor of the checkpoint of `seq`, by its name."""

    seq: int
    outcomes: dict[str, str]


class JournalCheckpointActivities:
    """Activities of the JournalCheckpoint workflow."""

    def __init__(
        self,
        journal: "JournalStore",
        chain: "ChainStore",
        checkpoints: "CheckpointStore",
        tokens: "CheckpointTokens",
        anchor_file: "AnchorFile",
        occurrences: "OccurrenceStore",
        hashes: "KeyedHashes",
        auditors: "Sequence[str]",
    ) -> None:
        self._journal = journal
        self._chain = chain
        self._checkpoints = checkpoints
        self._tokens = tokens
        self._anchor_file = anchor_file
        self._occurrences = occurrences
        self._hashes = hashes
        self._auditors = auditors

    @activity.defn(name="journal_checkpoint.sign")
    async def sign(self, command: SignHead) -> SignedHead | None:
        """Sign and store the newest place; None while nothing has happened but the checkpoint before."""
        newest = await self._checkpoints.find_newest()
        if newest and newest.owner == command.owner:
            return self._signed(newest)
        head = await self._journal.find_head()
        if head is None or not await self._chain.has_news(newest.seq if newest else 0):
            return None
        signed = self._tokens.sign(head.link, command.at)
        return self._signed(await self._checkpoints.keep(signed, command.at, owner=command.owner))

    @activity.defn(name="journal_checkpoint.tell")
    async def record_occurrence(self, signed: SignedHead) -> None:
        """Record the checkpoint in the journal, whose readers anchor it: `audit.checkpoint`."""
        occurrence_id = self._hashes.derive_object_id(signed.token, "checkpoint")
        public: dict[str, Fact] = {
            "seq": signed.seq,
            "hash": signed.hash,
            "key_id": signed.key_id,
            "token": signed.token,
        }
        await self._occurrences.record(
            Occurrence(occurrence_id, OccurrenceType.AUDIT_CHECKPOINT, signed.at, SYSTEM, None, public)
        )

    @activity.defn(name="journal_checkpoint.append")
    async def append(self, signed: SignedHead) -> None:
        """Append the checkpoint to the anchor file, once."""
        await self._anchor_file.append(signed.token)

    @activity.defn(name="journal_checkpoint.settle")
    async def record_anchors(self, command: RecordAnchors) -> None:
        """Store what became of each anchor."""
        await self._checkpoints.record_anchors(command.seq, command.outcomes)

    def _signed(self, stored: "StoredCheckpoint") -> SignedHead:
        return SignedHead(
            seq=stored.seq,
            hash=stored.hash,
            key_id=stored.key_id,
            token=stored.token,
            at=stored.at,
            has_file=self._anchor_file.is_wanted,
            mails=self._mails(stored),
        )

    def _mails(self, stored: "StoredCheckpoint") -> list[MailInput]:
        variables = {
            "seq": str(stored.seq),
            "hash": stored.hash,
            "at": format_timestamp(stored.at),
            "token": stored.token,
        }
        return [
            MailInput(f"checkpoint.{stored.seq}.{number}", MailKind.JOURNAL_CHECKPOINT, auditor, variables)
            for number, auditor in enumerate(self._auditors, start=1)
        ]
