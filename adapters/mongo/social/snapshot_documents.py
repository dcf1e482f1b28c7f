"""The documents of follower snapshots: what stands in them, and which of them count."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from bson import ObjectId

from adapters.mongo.client import Document
from domain.social.follower_snapshots import DailySnapshot, FollowerDiff, IdRange, PreviousSnapshot, UnreadableSnapshot

BY_USER_DAY_CHUNK = [("user_id", 1), ("day", 1), ("chunk", 1)]


def midnight(day: date) -> datetime:
    """A day as it is kept: its first moment, UTC."""
    return datetime.combine(day, time(), UTC)


def object_ids(ids: Iterable[str]) -> list[ObjectId]:
    return [ObjectId(each) for each in ids]


def day_document(
    day: DailySnapshot, *, changed: FollowerDiff | None = None, full: Sequence[str] = (), chunks: int = 0
) -> Document:
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
        **_lists(changed or FollowerDiff(), full),
    }


def slice_document(id_range: IdRange, changed: FollowerDiff, full: Sequence[str]) -> Document:
    return {"low": ObjectId(id_range.low), "high": ObjectId(id_range.high), **_lists(changed, full)}


def previous_from(document: Document) -> PreviousSnapshot:
    """Raises Unreadable."""
    try:
        return PreviousSnapshot(
            day=document["day"].date(),
            full_day=document["full_day"].date(),
            followers_number=int(document["followers_number"]),
            changes=int(document["changes"]),
            fingerprint=bytes(document["fingerprint"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UnreadableSnapshot from None


def ids_in_range(document: Document, name: str, id_range: IdRange | None = None) -> list[str]:
    """One of the lists, as far as it is in the slice. Raises Unreadable."""
    ids: Any = document.get(name, [])
    if not isinstance(ids, list) or not all(isinstance(each, ObjectId) for each in ids):
        raise UnreadableSnapshot
    return [each for each in map(str, ids) if id_range is None or id_range.low < each <= id_range.high]


async def finished_days(documents: AsyncIterable[Document]) -> AsyncIterator[Document]:
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


def _lists(changed: FollowerDiff, full: Sequence[str]) -> Document:
    lists = {"came": changed.came, "left": changed.left, "full": full}
    return {name: object_ids(ids) for name, ids in lists.items() if ids}
