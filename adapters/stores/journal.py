"""Stores of the journal: what happened, numbered and chained."""

from dataclasses import dataclass

from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.stores.opening import Opening


@dataclass(frozen=True)
class JournalStores:
    """Occurrences wait for their number in one collection, and have it in another."""

    occurrences: OccurrenceStore


def open_journal(opening: Opening) -> JournalStores:
    """Return the stores of the journal."""
    return JournalStores(occurrences=OccurrenceStore(opening.clients.database))
