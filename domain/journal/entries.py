"""Entries of the journal: what happened, under a number, with the hash of the entry before. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.journal.chain import NO_HASH, VERSION, Json, Link, digest, hash_entry, is_number, is_place
from domain.journal.json_objects import LARGEST_INTEGER
from domain.journal.occurrences import Fact, Party
from domain.moments import format_timestamp

UNREADABLE = "unreadable"
"""The type of an entry that was edited into a shape in which none is written."""
NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class NotCanonical(ValueError):
    """A value has no canonical JSON form, so it is no part of any entry."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """What an entry tells to all. `type`: an OccurrenceType, or one that a later release wrote."""

    occurrence_id: str
    type: str
    at: datetime
    actor: Party | None
    subject: Party | None
    request_id: str | None
    cause: str | None
    public: Mapping[str, Fact]


@dataclass(frozen=True, kw_only=True)
class Entry(Content):
    """An entry in its place. `prev`: the hash of the entry before. `hash`: its own, over all but `occurrence_id`.

    `sealed_actor`, `sealed_subject`: the words about each, sealed with the key of that person.
    """

    sealed_actor: bytes | None
    sealed_subject: bytes | None
    seq: int
    prev: str
    hash: str

    @property
    def link(self) -> Link:
        """The place that the next entry comes after."""
        return Link(self.seq, self.hash)


def append(
    link: Link, content: Content, *, sealed_actor: bytes | None = None, sealed_subject: bytes | None = None
) -> Entry:
    """Return the entry that comes after `link`, with this content and these words. Raises NotCanonical."""
    seq, prev, sealed = link.seq + 1, link.hash, (sealed_actor, sealed_subject)
    return Entry(
        **vars(content),
        sealed_actor=sealed_actor,
        sealed_subject=sealed_subject,
        seq=seq,
        prev=prev,
        hash=hash_entry(_canonical(content, sealed, seq, prev)),
    )


def is_next(entry: Entry, link: Link) -> bool:
    """Whether the entry comes right after `link` and its content is what its hash says."""
    if (entry.seq, entry.prev) != (link.seq + 1, link.hash):
        return False
    try:
        return hash_entry(canonical(entry)) == entry.hash
    except NotCanonical:
        return False


def unreadable_entry(occurrence_id: str, seq: object, at: object) -> Entry:
    """Return what stands for a stored entry that cannot be read: its number and its time, as far as it has such.

    Its hash is none that an entry can have.
    """
    return Entry(
        occurrence_id=occurrence_id,
        type=UNREADABLE,
        at=at if isinstance(at, datetime) else NO_TIME,
        actor=None,
        subject=None,
        request_id=None,
        cause=None,
        public={},
        sealed_actor=None,
        sealed_subject=None,
        seq=seq if is_number(seq) else 0,
        prev=NO_HASH,
        hash=NO_HASH,
    )


def require_well_formed(entry: Entry) -> None:
    """Raise NotCanonical, AttributeError or TypeError for an entry with a value that none is written with."""
    keys = [party.key_id for party in (entry.actor, entry.subject) if party]
    texts = [entry.type, entry.prev, *(text for text in (entry.request_id, entry.cause, *keys) if text is not None)]
    if not (is_place(entry.seq, entry.hash) and all(isinstance(text, str) for text in texts)):
        raise NotCanonical
    canonical(entry)


def canonical(entry: Entry) -> Json:
    """Return what the entry's hash is made from. Raises NotCanonical."""
    return _canonical(entry, (entry.sealed_actor, entry.sealed_subject), entry.seq, entry.prev)


def _canonical(content: Content, sealed: tuple[bytes | None, bytes | None], seq: int, prev: str) -> Json:
    facts = (content.type, content.request_id, content.cause, *content.public, *content.public.values())
    if not all(map(_is_fact, facts)):
        raise NotCanonical
    return {
        "v": VERSION,
        "seq": seq,
        "prev": prev,
        "type": content.type,
        "at": format_timestamp(content.at),
        "actor": _party(content.actor),
        "subject": _party(content.subject),
        "request_id": content.request_id,
        "cause": content.cause,
        "public": content.public,
        "sealed_actor": digest(sealed[0]),
        "sealed_subject": digest(sealed[1]),
    }


def _is_fact(value: object) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) <= LARGEST_INTEGER
    return value is None or isinstance(value, str)


def _party(party: Party | None) -> Json | None:
    if party is None:
        return None
    named = {"kind": party.kind, "id": party.id} | ({"key_id": party.key_id} if party.key_id else {})
    if not all(isinstance(name, str) for name in named.values()):
        raise NotCanonical
    return named
