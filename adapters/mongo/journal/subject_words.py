"""What the journal holds in words about one person: found for an export, made unreadable for an erasure."""

from collections.abc import AsyncIterator
from datetime import datetime

from adapters.mongo.client import Database, Document
from adapters.mongo.journal.entry_documents import Words, read_entry
from adapters.mongo.journal.entry_words import open_words
from adapters.mongo.journal.subject_keys import SubjectKeyStore, owner_of
from domain.journal.entries import Entry
from domain.journal.occurrences import PartyKind, user_party

BATCH_SIZE = 500
SIDES = ("actor", "subject")


class SubjectWords:
    """The words about a user, as actor and as subject, in entries and in what waits for its number."""

    def __init__(self, database: Database, keys: SubjectKeyStore) -> None:
        self._entries = database["journal"]
        self._occurrences = database["occurrences"]
        self._keys = keys

    async def erase(self, user_id: str, now: datetime) -> int:
        """Drop the user's key, then the words that wait. Returns how many documents changed; 0 when nothing is left.

        The key goes first: what is numbered meanwhile is sealed with it, and unreadable.
        """
        changed = await self._keys.erase(user_id, now)
        for side in SIDES:
            unset: Document = {"$set": {f"{side}_words": {}}}
            changed += (await self._occurrences.update_many(_named(side, user_id), unset)).modified_count
        return changed

    async def rows(self, user_id: str) -> AsyncIterator[Document]:
        """Yield the user's entries, oldest first: facts for all, the user's own words, and no words of others."""
        ciphers = await self._keys.for_reading([owner_of(user_party(user_id))])
        named = {"$or": [_named(side, user_id) for side in SIDES]}
        async for document in self._entries.find(named, sort=[("at", 1), ("seq", 1)], batch_size=BATCH_SIZE):
            entry = read_entry(document)
            words = open_words(entry, ciphers)
            yield _row(entry, user_id, {"actor": words.actor, "subject": words.subject})


def _named(side: str, user_id: str) -> Document:
    return {f"{side}.id": user_id, f"{side}.kind": PartyKind.USER}


def _row(entry: Entry, user_id: str, words: dict[str, Words | None]) -> Document:
    parties = {"actor": entry.actor, "subject": entry.subject}
    own = [side for side, party in parties.items() if party and (party.kind, party.id) == (PartyKind.USER, user_id)]
    return {
        "seq": entry.seq,
        "type": entry.type,
        "at": entry.at,
        "as": own,
        "facts": entry.public,
        "words": {side: words[side] for side in own if words[side]},
    }
