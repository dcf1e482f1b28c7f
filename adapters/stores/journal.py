"""Stores of the journal: what happened, numbered and chained."""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.crypto.checkpoint_tokens import CheckpointTokens
from adapters.crypto.keys import KeyLabel
from adapters.files.anchor_file import AnchorFile
from adapters.mongo.journal.audit import AuditStore
from adapters.mongo.journal.chain import ChainStore
from adapters.mongo.journal.checkpoints import CheckpointStore
from adapters.mongo.journal.export_words import ExportWords
from adapters.mongo.journal.journal import JournalStore
from adapters.mongo.journal.numbering import NumberingStore
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.journal.subject_keys import SubjectKeyStore
from adapters.mongo.journal.subject_words import SubjectWords
from adapters.mongo.journal.trim import TrimStore
from adapters.stores.opening import Opening
from config.keys import split_public_keys, split_ring
from config.settings import Settings


@dataclass(frozen=True)
class JournalStores:
    """Occurrences wait for their number in one collection, and have it in another.

    `chain` reads what is to be verified. `auditors`: the addresses that checkpoints are mailed to.
    """

    occurrences: OccurrenceStore
    numbering: NumberingStore
    journal: JournalStore
    audit: AuditStore
    export_words: ExportWords
    subject_keys: SubjectKeyStore
    subject_words: SubjectWords
    trim: TrimStore
    chain: ChainStore
    checkpoints: CheckpointStore
    checkpoint_tokens: CheckpointTokens
    anchor_file: AnchorFile
    auditors: Sequence[str]


def open_journal(opening: Opening) -> JournalStores:
    """Return the stores of the journal."""
    mongo, database = opening.clients.mongo, opening.clients.database
    keys = SubjectKeyStore(database, opening.cipher(KeyLabel.SUBJECT_KEYS))
    journal = JournalStore(database, keys)
    return JournalStores(
        occurrences=OccurrenceStore(database),
        numbering=NumberingStore(mongo, database, journal, keys),
        journal=journal,
        audit=AuditStore(database, keys),
        export_words=ExportWords(keys),
        subject_keys=keys,
        subject_words=SubjectWords(database, keys),
        trim=TrimStore(database),
        chain=ChainStore(database),
        checkpoints=CheckpointStore(database),
        checkpoint_tokens=_open_tokens(opening.settings),
        anchor_file=AnchorFile(opening.settings.anchor_file),
        auditors=opening.settings.auditors,
    )


def _open_tokens(settings: Settings) -> CheckpointTokens:
    return CheckpointTokens(split_ring(settings.signing_keys), split_public_keys(settings.retired_signing_keys))
