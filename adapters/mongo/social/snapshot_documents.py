"""The documents of follower snapshots: what stands in them, and which of them count."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from bson import ObjectId

from adapters.mongo.client import Document
from domain.social.follower_snapshots import Day, Difference, LastDay, Slice, Unreadable

IN_ORDER = [("user_id", 1), ("day", 1), ("chunk", 1)]


def midnight(day: date) -> datetime:
    """A day as it is kept: its first moment, UTC."""
    return datetime.combine(day, time(), UTC)


def object_ids(ids: Iterable[str]) -> list[ObjectId]:
    return [ObjectId(each) for each in ids]


def day_document(day: Day, *, changed: Difference | None = None, full: Sequence[str] = (), chunks: int = 0) -> Document:
    """Without its key. Lists that hold nobody are left out: their indexes know who is in one, and nobody else."""
    return {
        "at": day.at,
        "followers_number": day.counts.followers_number,
        "gained": day.counts.gained,
        "lost": day.counts.lost,
        "full_day": midnight(day.full_day),
        "changes": day.changes,
        "fingerprint": day.fingerprint,
        "chunks": chunks,
        **_lists(changed or Difference(), full),
    }


def slice_document(within: Slice, changed: Difference, full: Sequence[str]) -> Document:
    return {"low": ObjectId(within.low), "high": ObjectId(within.high), **_lists(changed, full)}


def last_day_from(document: Document) -> LastDay:
    """Raises Unreadable."""
    try:
        return LastDay(
            day=document["day"].date(),
            full_day=document["full_day"].date(),
            followers_number=int(document["followers_number"]),
            changes=int(document["changes"]),
            fingerprint=bytes(document["fingerprint"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable from None


def ids_of(document: Document, name: str, within: Slice | None = None) -> list[str]:
    """One of the lists, as far as it is in the slice. Raises Unreadable."""
    ids: Any = document.get(name, [])
    if not isinstance(ids, list) or not all(isinstance(each, ObjectId) for each in ids):
        raise Unreadable
    return [each for each in map(str, ids) if within is None or within.low < each <= within.high]


async def whole_days(documents: AsyncIterable[Document]) -> AsyncIterator[Document]:
    """In order, those whose day was finished: a worker that died may have left slices that another day's try has not
    written over.
    """
    day, chunks = None, 0
    async for document in documents:
        this = (document["user_id"], document["day"])
        if document["chunk"] == 0:
            day, chunks = this, document.get("chunks", 0)
        if this == day and document["chunk"] <= chunks:
            yield document


def _lists(changed: Difference, full: Sequence[str]) -> Document:
    lists = {"came": changed.came, "left": changed.left, "full": full}
    return {name: object_ids(ids) for name, ids in lists.items() if ids}
