"""Generations of sessions: a refresh is one compare-and-set. Those that meet are one bulk write and one query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from bson.datetime_ms import DatetimeMS
from pymongo import ReturnDocument, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection

from adapters.mongo.client import Document
from domain.auth.sessions import IDLE_TTL


@dataclass(frozen=True)
class Advance:
    """A session that is to move from `generation` to the next."""

    session_id: ObjectId
    generation: int
    now: datetime

    @property
    def current(self) -> Document:
        """The query for the session, while it is live and of this generation."""
        return {
            "_id": self.session_id,
            "generation": self.generation,
            "is_active": True,
            "expires_at": {"$gt": self.now},
            "last_used_at": {"$gt": self.now - IDLE_TTL},
        }

    @property
    def step(self) -> Document:
        """The update to the next generation."""
        now = self.now
        return {
            "$inc": {"generation": 1},
            "$set": {"rotated_at": now, "last_used_at": now, "updatedAt": now, "confirmed_at": None},
        }

    def has_made(self, document: Document) -> bool:
        """Whether this advance has made the session as it is now, and no twin, one with the same token. Twins of one
        millisecond are not told apart: they get the same successor.
        """
        is_next = document["generation"] == self.generation + 1
        return is_next and DatetimeMS(document["rotated_at"]) == DatetimeMS(self.now)


async def advance_generations(
    sessions: AsyncCollection[Document], advances: Sequence[Advance]
) -> Sequence[Document | None]:
    """Return each session after its advance; None when it has ended or is of another generation."""
    if len(advances) > 1:
        return await _advance_together(sessions, advances)
    (alone,) = advances
    return [await sessions.find_one_and_update(alone.current, alone.step, return_document=ReturnDocument.AFTER)]


async def _advance_together(
    sessions: AsyncCollection[Document], advances: Sequence[Advance]
) -> Sequence[Document | None]:
    written = await sessions.bulk_write([UpdateOne(each.current, each.step) for each in advances], ordered=False)
    ids = [each.session_id for each in advances]
    found = {document["_id"]: document for document in await sessions.find({"_id": {"$in": ids}}).to_list()}
    all_made = written.matched_count == len(advances)
    return [_take_own(each, found, is_made=all_made) for each in advances]


def _take_own(advance: Advance, found: dict[ObjectId, Document], *, is_made: bool) -> Document | None:
    """Take the session out of `found`, for one of twins only, and return it as the advance has made it.

    `is_made`: it has made it, even if another process has moved the session on again before it was found.
    """
    document = found.get(advance.session_id)
    if document is None or not (is_made or advance.has_made(document)):
        return None
    return found.pop(advance.session_id) | {"generation": advance.generation + 1}
