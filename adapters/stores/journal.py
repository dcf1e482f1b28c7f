"""Stores of the journal: what happened, numbered and chained."""

from dataclasses import dataclass

from adapters.crypto.keys import KeyLabel
from adapters.mongo.journal.audit import AuditStore
from adapters.mongo.journal.journal import JournalStore
from adapters.mongo.journal.numbering import NumberingStore
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.journal.subject_keys import SubjectKeyStore
from adapters.mongo.journal.subject_words import SubjectWords
from adapters.mongo.journal.trim import TrimStore
from adapters.stores.opening import Opening


@dataclass(frozen=True)
class JournalStores:
    """Occurrences wait for their number in one collection, and have it in another."""

    occurrences: OccurrenceStore
    numbering: NumberingStore
    journal: JournalStore
    audit: AuditStore
    subject_keys: SubjectKeyStore
    subject_words: SubjectWords
    trim: TrimStore


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
        subject_keys=keys,
        subject_words=SubjectWords(database, keys),
        trim=TrimStore(database),
    )
