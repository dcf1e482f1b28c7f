"""Pages of the journal by what is asked for, newest first: one query a page, each part of it read from an index."""

from collections.abc import Iterable, Sequence

from adapters.mongo.client import Database, Document
from adapters.mongo.journal.entry_documents import read_entry
from adapters.mongo.journal.entry_words import open_words, owners_of
from adapters.mongo.journal.subject_keys import Owner, SubjectKeyStore, owner_of
from domain.journal.audit import AuditEntry, AuditFilter, AuditPage, find_types
from domain.journal.entries import Entry
from domain.journal.occurrences import PartyKind, user_party
from domain.paging import Cursor, PageRequest, format_cursor

NEWEST_FIRST = [("at", -1), ("seq", -1)]


class AuditStore:
    """Finds entries, with those of their words that the reader may see."""

    def __init__(self, database: Database, keys: SubjectKeyStore) -> None:
        self._entries = database["journal"]
        self._keys = keys

    async def list_page(self, filter: AuditFilter, page_request: PageRequest) -> AuditPage:
        """Return one page of all entries that the filter asks for. Raises UnknownKey."""
        entries, next_cursor = await self._read(page_query(filter, page_request.after), page_request.limit)
        return AuditPage(await self._opened(entries, _owners(entries)), next_cursor)

    async def list_own_page(self, user_id: str, filter: AuditFilter, page_request: PageRequest) -> AuditPage:
        """Return one page of the entries in which the user acted or was acted on. Words about others stay sealed.

        Raises UnknownKey.
        """
        query = own_query(user_id, filter, page_request.after)
        entries, next_cursor = await self._read(query, page_request.limit)
        return AuditPage(await self._opened(entries, {owner_of(user_party(user_id))}), next_cursor)

    async def find(self, seq: int) -> AuditEntry | None:
        """Return the entry with this number; None if there is none (any more). Raises UnknownKey."""
        document = await self._entries.find_one({"seq": seq})
        if document is None:
            return None
        entry = read_entry(document)
        return (await self._opened([entry], owners_of(entry)))[0]

    async def list_in_order(self, filter: AuditFilter, after: int, last: int, *, limit: int) -> Sequence[Entry]:
        """Return the entries that the filter asks for, of the numbers behind `after` up to `last`, in their order."""
        # What has a fraction or a list for a number is in no place of the file: who verifies that finds it missing.
        places = {"$gt": after, "$lte": last, "$type": ["int", "long"], "$not": {"$type": "array"}}
        query = page_query(filter, None) | {"seq": places}
        # By number whatever is asked for: another index would have all that it finds sorted anew for each chunk.
        found = self._entries.find(query, sort=[("seq", 1)], limit=limit, batch_size=limit, hint="seq")
        return [read_entry(document) async for document in found]

    async def _read(self, query: Document, limit: int) -> tuple[Sequence[Entry], str | None]:
        """Return the entries and the cursor of the next page, which is None after the last."""
        found = self._entries.find(query, sort=NEWEST_FIRST, limit=limit + 1, batch_size=limit + 1)
        entries = [read_entry(document) async for document in found]
        if len(entries) <= limit:
            return entries, None
        last = entries[limit - 1]
        return entries[:limit], format_cursor(Cursor(last.at, str(last.seq)))

    async def _opened(self, entries: Sequence[Entry], owners: Iterable[Owner]) -> Sequence[AuditEntry]:
        """Return the entries with the words of these owners, whose keys are one query."""
        ciphers = await self._keys.for_reading(owners) if entries else {}
        words = [open_words(entry, ciphers) for entry in entries]
        return [AuditEntry(entry, each.actor, each.subject) for entry, each in zip(entries, words, strict=True)]


def page_query(filter: AuditFilter, after: Cursor | None) -> Document:
    """Return the query for what the filter asks for, from the cursor on."""
    asked: Document = {
        "actor.id": filter.actor,
        "subject.id": filter.subject,
        "type": {"$in": list(find_types(filter.type))} if filter.type else None,
        "request_id": filter.request_id,
        "cause": filter.cause,
        "at": _times(filter, after) or None,
        # No `$or`, for which the planner would look for an index of each part.
        "$nor": [{"at": after.at, "seq": {"$gte": int(after.row_id)}}] if after else None,
    }
    return {name: value for name, value in asked.items() if value is not None}


def own_query(user_id: str, filter: AuditFilter, after: Cursor | None) -> Document:
    """Return the query for entries with the user: a union of two, each with an index that has the order of the page."""
    asked = page_query(filter, after)
    return {
        "$or": [{f"{side}.id": user_id, f"{side}.kind": PartyKind.USER.value, **asked} for side in ("actor", "subject")]
    }


def _owners(entries: Iterable[Entry]) -> set[Owner]:
    return {owner for entry in entries for owner in owners_of(entry)}


def _times(filter: AuditFilter, after: Cursor | None) -> Document:
    bounds = {"$gte": filter.since, "$lt": filter.until, "$lte": after.at if after else None}
    return {operator: moment for operator, moment in bounds.items() if moment}
