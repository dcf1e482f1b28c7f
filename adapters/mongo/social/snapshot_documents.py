"""The documents of follower snapshots: their content, and which of them count."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from typing import Any

from bson import ObjectId

from adapters.mongo.client import Document
from domain.moments import midnight
from domain.social.follower_snapshots import DailySnapshot, FollowerDiff, IdRange, PreviousSnapshot, UnreadableSnapshot

BY_USER_DAY_CHUNK = [("user_id", 1), ("day", 1), ("chunk", 1)]


def object_ids(ids: Iterable[str]) -> list[ObjectId]:
    """Return the ids (24 hex digits) as ObjectIds."""
    return [ObjectId(user_id) for user_id in ids]


def day_document(
    day: DailySnapshot, *, changed: FollowerDiff | None = None, full: Sequence[str] = (), chunks: int = 0
) -> Document:
    """Return a day's document, without its key. `chunks`: how many slices it has; 0 when it holds the ids itself.

    Empty lists are left out, so that the sparse indexes hold only users who are in a list.
    """
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
    """Return the document of one slice, without its key: its range of ids and the ids in it."""
    return {"low": ObjectId(id_range.low), "high": ObjectId(id_range.high), **_lists(changed, full)}


def previous_from(document: Document) -> PreviousSnapshot:
    """Return the snapshot of a stored day, without its ids. Raises UnreadableSnapshot."""
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
    """Return the ids of the list `name` that are in the range; all without one. Raises UnreadableSnapshot."""
    ids: Any = document.get(name, [])
    if not isinstance(ids, list) or not all(isinstance(each, ObjectId) for each in ids):
        raise UnreadableSnapshot
    return [each for each in map(str, ids) if id_range is None or id_range.low < each <= id_range.high]


async def finished_days(documents: AsyncIterable[Document]) -> AsyncIterator[Document]:
    """Yield the documents of finished days. `documents`: in the order of user, day and chunk.

    A worker that died may have left slices that a later attempt on that day has not overwritten.
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
