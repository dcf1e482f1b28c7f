"""Documents of occurrences and entries, and the words in them, sealed for actor and subject apart."""

from collections.abc import Mapping
from dataclasses import dataclass

from bson import ObjectId

from adapters.mongo.client import Document
from adapters.mongo.journal.subject_keys import Ciphers, Owner, owner_of
from domain.journal.chain import Link, canonical_json
from domain.journal.entries import Content, Entry, append, require_well_formed, unreadable_entry
from domain.journal.occurrences import Fact, Party

Words = Mapping[str, Fact]

MALFORMED = (AttributeError, KeyError, TypeError, ValueError)
"""What reading a document raises that was edited into another shape."""


@dataclass(frozen=True)
class Waiting:
    """An occurrence as it waits for its number, its words in clear."""

    content: Content
    actor_words: Words
    subject_words: Words

    @property
    def owners(self) -> set[Owner]:
        """Those whose keys its words are sealed with."""
        parties = ((self.content.actor, self.actor_words), (self.content.subject, self.subject_words))
        return {owner_of(party) for party, words in parties if party and words}


def read_waiting(document: Document) -> Waiting:
    """Return the occurrence. Raises one of MALFORMED."""
    if not isinstance(document["_id"], ObjectId):
        raise TypeError("an occurrence has an ObjectId")
    return Waiting(_content(document), document["actor_words"], document["subject_words"])


def entry_after(link: Link, waiting: Waiting, ciphers: Ciphers) -> Entry:
    """Return the occurrence as the next entry. Words of erased persons are left out. Raises one of MALFORMED."""
    content, occurrence_id = waiting.content, waiting.content.occurrence_id
    actor, subject = words_context(occurrence_id, "actor"), words_context(occurrence_id, "subject")
    return append(
        link,
        content,
        sealed_actor=_seal(waiting.actor_words, content.actor, ciphers, actor),
        sealed_subject=_seal(waiting.subject_words, content.subject, ciphers, subject),
    )


def words_context(occurrence_id: str, side: str) -> str:
    """Return what sealed words are bound to: they open in their own entry and on their own side alone."""
    return f"{occurrence_id}.{side}"


def _seal(words: Words, party: Party | None, ciphers: Ciphers, context: str) -> bytes | None:
    if not words:
        return None
    if party is None:
        raise ValueError("words about no party")
    cipher = ciphers[owner_of(party)]
    return cipher.encrypt(canonical_json(dict(words)), context=context) if cipher else None


def entry_document(entry: Entry) -> Document:
    """Return the entry as it is stored."""
    document = vars(entry).copy()
    document["_id"] = ObjectId(document.pop("occurrence_id"))
    document["actor"], document["subject"] = _party_document(entry.actor), _party_document(entry.subject)
    return document


def read_entry(document: Document) -> Entry:
    """Return the stored entry; one that was edited into another shape as an unreadable one."""
    try:
        entry = _entry(document)
        require_well_formed(entry)
    except MALFORMED:
        return unreadable_entry(str(document["_id"]), document.get("seq"), document.get("at"))
    return entry


def _entry(document: Document) -> Entry:
    return Entry(
        **vars(_content(document)),
        sealed_actor=document["sealed_actor"],
        sealed_subject=document["sealed_subject"],
        seq=document["seq"],
        prev=document["prev"],
        hash=document["hash"],
    )


def _content(document: Document) -> Content:
    return Content(
        occurrence_id=str(document["_id"]),
        type=document["type"],
        at=document["at"],
        actor=_party(document["actor"]),
        subject=_party(document["subject"]),
        request_id=document["request_id"],
        cause=document["cause"],
        public=document["public"],
    )


def _party(document: Document | None) -> Party | None:
    return Party(document["kind"], document["id"], document.get("key_id")) if document is not None else None


def _party_document(party: Party | None) -> Document | None:
    if party is None:
        return None
    return {"kind": party.kind, "id": party.id} | ({"key_id": party.key_id} if party.key_id else {})
