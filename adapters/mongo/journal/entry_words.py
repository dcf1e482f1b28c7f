"""Words in entries, opened with the keys of the persons they are about."""

import json
from dataclasses import dataclass

from adapters.crypto.field_cipher import DecryptionFailed
from adapters.mongo.journal.entry_documents import Words, words_context
from adapters.mongo.journal.subject_keys import Ciphers, Owner, owner_of
from domain.journal.entries import Entry
from domain.journal.export_lines import SealedLine
from domain.journal.occurrences import Party

Sealed = Entry | SealedLine
"""What words are opened from."""


@dataclass(frozen=True)
class EntryWords:
    """What is personal to actor and subject. Empty where the entry has none, None where the person was erased."""

    actor: Words | None
    subject: Words | None


def owners_of(entry: Sealed) -> set[Owner]:
    """Return those whose keys the words of the entry are sealed with."""
    parties = ((entry.actor, entry.sealed_actor), (entry.subject, entry.sealed_subject))
    return {owner_of(party) for party, sealed in parties if party and sealed}


def open_words(entry: Sealed, ciphers: Ciphers) -> EntryWords:
    """Return the words of the entry, as far as these ciphers open them."""
    return EntryWords(
        actor=_open(entry.sealed_actor, entry.actor, ciphers, words_context(entry.occurrence_id, "actor")),
        subject=_open(entry.sealed_subject, entry.subject, ciphers, words_context(entry.occurrence_id, "subject")),
    )


def _open(sealed: bytes | None, party: Party | None, ciphers: Ciphers, context: str) -> Words | None:
    if sealed is None:
        return {}
    cipher = ciphers.get(owner_of(party)) if party else None
    if cipher is None:
        return None
    try:
        words: Words = json.loads(cipher.decrypt(sealed, context=context))
    except DecryptionFailed:
        return None
    return words
