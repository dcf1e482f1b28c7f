"""Chats as MongoDB has them. Title and metadata are sealed."""

import json
from collections.abc import Iterable
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection

from adapters.mongo.assistant.sealed_words import ReadableWords
from adapters.mongo.client import Document
from domain.assistant.chats import Chat, ChatLife, EndReason, NewChat
from domain.paging import Cursor, Page, PageRequest, format_cursor

LATEST_FIRST = [("last_activity_at", -1), ("_id", -1)]

NOT_DELETED: Document = {"ended_reason": {"$ne": EndReason.DELETED}}


def owned(user_id: str, chat_id: str) -> Document:
    """Return the query for a chat of this user that was not deleted."""
    return {"_id": ObjectId(chat_id), "user_id": ObjectId(user_id), **NOT_DELETED}


def due(now: datetime) -> Document:
    """Return the query for chats whose words are to go: their retention is over, or they were deleted."""
    return {"delete_at": {"$lte": now}}


def kept(now: datetime) -> Document:
    """Return the query for chats whose words are kept. What is due is not read, though the sweep drops it later."""
    return {"delete_at": {"$gt": now}}


async def find_kept(
    chats: AsyncCollection[Document], chat_ids: Iterable[ObjectId], now: datetime, tx: AsyncClientSession | None = None
) -> set[ObjectId]:
    """Return the ids of those of the chats whose words are kept."""
    found = chats.find({"_id": {"$in": [*chat_ids]}, **kept(now)}, {"_id": 1}, session=tx)
    return {document["_id"] async for document in found}


def new_chat_document(chat: NewChat, life: ChatLife, words: ReadableWords) -> Document:
    """Return the document of a chat that begins."""
    return {
        "_id": ObjectId(chat.chat_id),
        "user_id": ObjectId(chat.user_id),
        "model": chat.model,
        "tools": list(chat.tools) if chat.tools is not None else None,
        "title": None,
        "metadata": words.seal(chat.chat_id, "metadata", json.dumps(dict(chat.metadata))) if chat.metadata else None,
        "turns": 0,
        "open_turns": 0,
        "body_hash": chat.body_hash,
        "createdAt": chat.at,
        "disconnected_at": None,
        "ended_reason": None,
        **used_at(life, chat.at),
    }


def used_at(life: ChatLife, now: datetime) -> Document:
    """Return the fields of a chat that is used now."""
    return {"last_activity_at": now, **lives_on(life, now)}


def lives_on(life: ChatLife, now: datetime) -> Document:
    """Return the fields that say how long a chat lives that has no other use from now on."""
    return _ends_at(life, life.expires_at(now))


def lives_on_unless_left(life: ChatLife, now: datetime) -> Document:
    """Return the same for the pipeline of an update: the grace of a chat begins once it has neither a socket nor an
    open turn.
    """
    is_left = {"$and": ["$disconnected_at", {"$eq": ["$open_turns", 0]}]}
    grace, used = _ends_at(life, now + life.grace), lives_on(life, now)
    return {field: {"$cond": [is_left, grace[field], {"$max": [f"${field}", used[field]]}]} for field in used}


def chat_from(document: Document, words: ReadableWords, now: datetime) -> Chat:
    """Return the chat of a document, with its words opened if they are kept at this time."""
    chat_id, reason, gone_at = str(document["_id"]), document["ended_reason"], _gone_at(document, now)
    title, metadata = (None, None) if gone_at else (document["title"], document["metadata"])
    return Chat(
        chat_id=chat_id,
        user_id=str(document["user_id"]),
        model=document["model"],
        tools=document["tools"],
        title=(words.open(chat_id, "title", title) or None) if title else None,
        metadata=json.loads(words.open(chat_id, "metadata", metadata) or "{}") if metadata else {},
        turns=document["turns"],
        open_turns=document["open_turns"],
        created_at=document["createdAt"],
        last_activity_at=document["last_activity_at"],
        disconnected_at=document["disconnected_at"],
        expires_at=document["expires_at"],
        ended_reason=EndReason(reason) if reason else None,
        gone_at=gone_at,
        allowed_tools=document.get("allowed_tools", {}),
        bytes_per_token=document.get("bytes_per_token"),
    )


async def latest_first(
    chats: AsyncCollection[Document], query: Document, request: PageRequest, words: ReadableWords, now: datetime
) -> Page[Chat]:
    """Return one page of the chats that match, the latest used first, with the count of all."""
    found = chats.find(query | _after(request.after)).sort(LATEST_FIRST)
    documents = await found.skip(0 if request.after else request.skip).limit(request.limit + 1).to_list()
    rows = [chat_from(document, words, now) for document in documents[: request.limit]]
    has_more = len(documents) > request.limit
    next_cursor = format_cursor(Cursor(rows[-1].last_activity_at, rows[-1].chat_id)) if has_more else None
    return Page(rows, await chats.count_documents(query), next_cursor)


def _ends_at(life: ChatLife, expires_at: datetime) -> Document:
    return {"expires_at": expires_at, "delete_at": expires_at + life.retention}


def _gone_at(document: Document, now: datetime) -> datetime | None:
    """Return since when the words are not kept; None while they are."""
    dropped_at: datetime | None = document.get("gone_at")
    if dropped_at:
        return dropped_at
    due_at: datetime = document["delete_at"]
    return due_at if due_at <= now else None


def _after(cursor: Cursor | None) -> Document:
    if cursor is None:
        return {}
    earlier = {"last_activity_at": {"$lt": cursor.at}}
    return {"$or": [earlier, {"last_activity_at": cursor.at, "_id": {"$lt": ObjectId(cursor.row_id)}}]}
