"""Calls of tools, one document each: what is called, with which arguments and what came of it is sealed."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from adapters.mongo.assistant.sealed_words import CANNOT_BE_OPENED, SealedWords
from adapters.mongo.client import Database, Document
from domain.assistant.tool_calls import SLOT_TTL, Decision, NewToolCall, ToolCall, ToolCallState
from domain.assistant.tools.registry import MAX_RUNNING
from domain.assistant.tools.results import ToolResult, json_text, parse_result, result_text


class ToolCallStore:
    """Stores calls by `call_key`. A running call holds one of its user's MAX_RUNNING slots, which a unique index keeps
    apart, so that no two processes count differently.
    """

    def __init__(self, database: Database, words: SealedWords) -> None:
        self._calls = database["tool_calls"]
        self._words = words

    async def begin(self, new: NewToolCall, now: datetime) -> ToolCall | None:
        """Store the call as running, and return it; a repeat returns the stored one, however far it is.

        None: so many calls of the user run already, and nothing was stored.
        """
        stored = await self.find(new.call_key)
        if stored:
            return stored
        for slot in await self.free_slots(new.user_id, now):
            # A key of the slot, or of a repeat at the same moment, is there already.
            with suppress(DuplicateKeyError):
                await self._calls.insert_one(self.document(new, now) | holding(slot, now))
            stored = await self.find(new.call_key)
            if stored:
                return stored
        return None

    async def find(self, call_key: str) -> ToolCall | None:
        """Return the call; None when there is none (any more). Raises UnknownKey, DecryptionFailed."""
        document = await self._calls.find_one({"_id": ObjectId(call_key)})
        return self.call_from(document) if document else None

    async def claim(self, call_key: str, now: datetime) -> bool:
        """Whether this is the first attempt at the running call. A change whose attempt was claimed is not made again,
        neither after a crash nor after a reset of its workflow.
        """
        unclaimed = {"_id": ObjectId(call_key), "state": ToolCallState.RUNNING, "claimed_at": None}
        claimed = await self._calls.update_one(unclaimed, {"$set": {"claimed_at": now}})
        return claimed.modified_count == 1

    async def finish(self, call_key: str, result: ToolResult, now: datetime, *, execution_ms: int | None) -> None:
        """Store the result of a running call and free its slot. The first result stays."""
        running = {"_id": ObjectId(call_key), "state": ToolCallState.RUNNING}
        done = self.done(call_key, result) | {"execution_ms": execution_ms, "updatedAt": now}
        await self._calls.update_one(running, {"$set": done, "$unset": {"slot": "", "slot_until": ""}})

    def done(self, call_key: str, result: ToolResult) -> Document:
        """Return the fields of a call that has this result."""
        return {"state": ToolCallState.DONE, "result": self._words.seal(call_key, "result", result_text(result))}

    async def free_slots(self, user_id: str, now: datetime) -> Sequence[int]:
        """Return the numbers of the slots that no running call of the user holds."""
        held = {"user_id": ObjectId(user_id), "slot": {"$exists": True}}
        expired = held | {"slot_until": {"$lte": now}}
        await self._calls.update_many(expired, {"$unset": {"slot": "", "slot_until": ""}})
        taken = {document["slot"] async for document in self._calls.find(held, {"slot": 1})}
        return [slot for slot in range(MAX_RUNNING) if slot not in taken]

    def document(self, new: NewToolCall, now: datetime) -> Document:
        """Return the document of a call that runs."""
        return {
            "_id": ObjectId(new.call_key),
            "user_id": ObjectId(new.user_id),
            "call_id": new.call_id,
            "chat_id": ObjectId(new.chat_id) if new.chat_id else None,
            "turn_id": new.turn_id,
            "asker_id": new.asker_id,
            "tool": self._words.seal(new.call_key, "tool", new.tool),
            "arguments": self._words.seal(new.call_key, "arguments", json_text(new.arguments)),
            "body_hash": new.body_hash,
            "state": ToolCallState.RUNNING,
            "createdAt": now,
            "updatedAt": now,
        }

    def readable_from(self, documents: Iterable[Document]) -> Sequence[ToolCall]:
        """Return the calls of those documents whose words can be opened: a user is asked about no others."""
        calls: list[ToolCall] = []
        for document in documents:
            with suppress(*CANNOT_BE_OPENED):
                calls.append(self.call_from(document))
        return calls

    def call_from(self, document: Document) -> ToolCall:
        """Return the call of a document, with its words opened. Raises UnknownKey, DecryptionFailed."""
        call_key = str(document["_id"])
        arguments: dict[str, Any] = json.loads(self._words.open(call_key, "arguments", document["arguments"]))
        result = document.get("result")
        return ToolCall(
            call_key,
            str(document["user_id"]),
            document["call_id"],
            self._words.open(call_key, "tool", document["tool"]),
            arguments,
            document["body_hash"],
            ToolCallState(document["state"]),
            parse_result(self._words.open(call_key, "result", result)) if result else None,
            document.get("execution_ms"),
            str(document["chat_id"]) if document["chat_id"] else None,
            document["turn_id"],
            Decision(document["decision"]) if document.get("decision") else None,
            document.get("expires_at"),
            document.get("asker_id"),
        )


def holding(slot: int, now: datetime) -> Document:
    """Return the fields of a call that holds this slot of its user's."""
    return {"slot": slot, "slot_until": now + SLOT_TTL}
