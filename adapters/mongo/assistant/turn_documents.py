"""Turns as MongoDB has them. What is said is sealed; a sealed field's name is its path in the document."""

from collections.abc import Mapping
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection

from adapters.mongo.assistant.sealed_words import SealedWords
from adapters.mongo.client import Document
from domain.assistant.turn_ends import FinishReason, TurnFailure, TurnState
from domain.assistant.turns import NewTurn, Part, PartKind, Turn, TurnMode, Usage

OPEN: Document = {"open_since": {"$exists": True}}
"""The query for turns that are not closed, as the partial indexes have it."""


async def ask_to_stop(turns: AsyncCollection[Document], query: Document, at: datetime, tx: AsyncClientSession) -> None:
    """Ask to stop the open turns that match the query. Who answers them sees it within seconds."""
    await turns.update_many({**query, **OPEN}, {"$set": {"stop_asked_at": at}}, session=tx)


def new_turn_document(turn: NewTurn, chat: Document, words: SealedWords) -> Document:
    """Return the document of a message that was just accepted. `chat`: its chat's, in which it is counted."""
    return {
        "_id": ObjectId(turn.turn_id),
        "chat_id": ObjectId(turn.chat_id),
        "user_id": ObjectId(turn.user_id),
        "number": chat["turns"],
        "named_model": chat["model"],
        "text": words.seal(turn.turn_id, "text", turn.text),
        "mode": turn.mode,
        "body_hash": turn.body_hash,
        "createdAt": turn.asked_at,
        **unanswered(1, turn.asker_id),
        "open_since": turn.asked_at,
    }


def unanswered(attempt: int, asker_id: str | None) -> Document:
    """Return the fields of a turn that is to be answered, for the first time or anew. `asker_id`: who asks for it."""
    return {
        "state": TurnState.QUEUED,
        "attempt": attempt,
        "asker_id": asker_id,
        "writer": 0,
        "parts": [],
        "rounds": [],
        "model": None,
        "finish_reason": None,
        "failure": None,
        "usage": None,
        "ended_at": None,
        "stop_asked_at": None,
    }


def part_document(turn_id: str, number: int, part: Part, words: SealedWords) -> Document:
    """Return the stored form of the turn's part with this number, from 0."""
    sealed = words.seal(turn_id, f"parts.{number}.text", part.text) if part.text else None
    stored = {"kind": part.kind, "text": sealed, "is_whole": part.is_whole, "call_id": part.call_id}
    return stored | ({"is_dropped": True} if part.is_dropped else {})


def turn_from(document: Document, words: SealedWords) -> Turn:
    """Return the turn of a document, with its words opened."""
    turn_id = str(document["_id"])
    reason, failure = document["finish_reason"], document["failure"]
    return Turn(
        turn_id=turn_id,
        chat_id=str(document["chat_id"]),
        user_id=str(document["user_id"]),
        number=document["number"],
        text=words.open(turn_id, "text", document["text"]),
        mode=TurnMode(document["mode"]),
        body_hash=document["body_hash"],
        state=TurnState(document["state"]),
        attempt=document["attempt"],
        parts=[_part(turn_id, number, part, words) for number, part in enumerate(document["parts"])],
        rounds=len(document["rounds"]),
        model=document["model"],
        finish_reason=FinishReason(reason) if reason else None,
        failure=TurnFailure(failure) if failure else None,
        usage=usage_from(document["usage"]),
        asked_at=document["createdAt"],
        ended_at=document["ended_at"],
        stop_asked_at=document["stop_asked_at"],
        named_model=document.get("named_model"),
        asker_id=document.get("asker_id"),
    )


def usage_document(usage: Usage) -> Document:
    """Return the stored form of a usage."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "is_estimated": usage.is_estimated,
        "cached_tokens": usage.cached_tokens,
    }


def usage_from(document: Mapping[str, int] | None) -> Usage:
    """Return the usage of its stored form; that of a turn without one yet is empty."""
    return (
        Usage(
            document["prompt_tokens"],
            document["completion_tokens"],
            bool(document["is_estimated"]),
            document.get("cached_tokens", 0),
        )
        if document
        else Usage()
    )


def _part(turn_id: str, number: int, document: Document, words: SealedWords) -> Part:
    text = words.open(turn_id, f"parts.{number}.text", document["text"]) if document["text"] else ""
    is_dropped = document.get("is_dropped", False)
    return Part(PartKind(document["kind"]), text, document["is_whole"], document["call_id"], is_dropped)
