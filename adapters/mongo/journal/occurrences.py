"""Occurrences that wait for their number in the journal. Empty when all is well."""

from collections.abc import Mapping, Sequence

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters import causes
from adapters.mongo.client import Database, Document
from domain.journal.occurrences import Occurrence, Party, user_party


class OccurrenceStore:
    """Writes occurrences, each in the transaction of its change."""

    def __init__(self, database: Database) -> None:
        self._occurrences = database["occurrences"]

    async def record(self, occurrence: Occurrence, tx: AsyncClientSession | None = None) -> None:
        """Write the occurrence, with the request, the workflow and the API key that led to it, and the actor's origin.

        Idempotent: an id that waits is kept, and one that has its number already gets no second one.
        """
        await self.record_many([occurrence], tx)

    async def record_many(self, occurrences: Sequence[Occurrence], tx: AsyncClientSession | None = None) -> None:
        """Write the occurrences like `record`, in one round trip."""
        await self._occurrences.bulk_write([_upserted(each) for each in occurrences], ordered=False, session=tx)

    async def record_new(self, occurrence: Occurrence, tx: AsyncClientSession) -> None:
        """Write an occurrence that the transaction records for the first time, which costs less."""
        await self.record_many_new([occurrence], tx)

    async def record_many_new(self, occurrences: Sequence[Occurrence], tx: AsyncClientSession) -> None:
        """Write occurrences that the transaction records for the first time, in one round trip."""
        await self._occurrences.insert_many([_document(each) for each in occurrences], session=tx)


def _upserted(occurrence: Occurrence) -> UpdateOne:
    document = _document(occurrence)
    return UpdateOne({"_id": document.pop("_id")}, {"$setOnInsert": document}, upsert=True)


def _document(occurrence: Occurrence) -> Document:
    return {
        "_id": ObjectId(occurrence.occurrence_id),
        "type": occurrence.type,
        "at": occurrence.at,
        "actor": _party(occurrence.actor, causes.key_id.get()),
        "subject": _party(occurrence.subject, None),
        "request_id": occurrence.request_id or causes.request_id.get(),
        "cause": causes.workflow_id.get(),
        "public": dict(occurrence.public),
        "actor_words": {**_origin(occurrence.actor), **occurrence.actor_words},
        "subject_words": dict(occurrence.subject_words),
    }


def _origin(actor: Party | None) -> Mapping[str, str]:
    origin = causes.origin.get()
    return origin.words if origin and actor == user_party(origin.user_id) else {}


def _party(party: Party | None, key_id: str | None) -> Document | None:
    if party is None:
        return None
    used = party.key_id or key_id
    return {"kind": party.kind, "id": party.id} | ({"key_id": used} if used else {})
