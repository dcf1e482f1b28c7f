"""Calls that models have asked for: checked, decided by their users, and begun; each step once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from bson import ObjectId
from pymongo import ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.assistant.chat_documents import find_kept
from adapters.mongo.assistant.tools.tool_calls import ToolCallStore, holding
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.notifications.event_inbox import Publish
from adapters.mongo.notifications.notifications import insert_numbered
from adapters.mongo.transactions import after_commit, in_transaction
from domain.assistant.errors import ApprovalClosed, ApprovalNotFound
from domain.assistant.language_models import CallAsked
from domain.assistant.tool_calls import (
    APPROVAL_TIMEOUT,
    Decision,
    NewToolCall,
    ToolCall,
    ToolCallState,
    call_occurrence,
    effect_key,
    model_call_id,
)
from domain.assistant.tools.checks import parse_arguments
from domain.assistant.tools.registry import MAX_NAME_LENGTH
from domain.assistant.tools.results import ToolErrorCode, ToolResult, failure
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import Turn
from domain.assistant.writing import Draft, NewerWriter
from domain.journal.occurrences import OccurrenceType
from domain.notifications.notifications import NewNotification

MAX_OPEN_APPROVALS = 100
DECLINED = failure(ToolErrorCode.DECLINED)
NOT_BEGUN = (ToolCallState.ASKED, ToolCallState.WAITING, ToolCallState.APPROVED)


class TurnCallStore:
    """The calls of turns, in the collection of all calls. `publish`: takes user id and number of a notification; best
    effort.
    """

    def __init__(
        self,
        client: Client,
        database: Database,
        calls: ToolCallStore,
        occurrences: OccurrenceStore,
        hashes: KeyedHashes,
        publish: Publish,
    ) -> None:
        self._client = client
        self._database = database
        self._documents = database["tool_calls"]
        self._chats = database["chats"]
        self._turns = database["turns"]
        self._calls = calls
        self._occurrences = occurrences
        self._hashes = hashes
        self._publish = publish

    async def ask(self, draft: Draft, asked: Sequence[CallAsked], now: datetime) -> Sequence[str]:
        """Store what a model has asked for in the round of a draft, in place of what an earlier try has, and return the
        ids of the calls. Arguments that are no JSON object have their result at once.

        Raises NewerWriter, also for a turn that is gone: nothing is stored of it.
        """
        turn = draft.turn
        ids = [model_call_id(turn.turn_id, turn.attempt, turn.rounds, number) for number in range(len(asked))]
        documents = [self._document(turn, call_id, each, now) for call_id, each in zip(ids, asked, strict=True)]

        async def work(tx: AsyncClientSession) -> None:
            await self._require_writer(draft, tx)
            gone_on = {"_id": {"$in": [each["_id"] for each in documents]}, "state": {"$ne": ToolCallState.ASKED}}
            kept = {each["_id"] async for each in self._documents.find(gone_on, {"_id": 1}, session=tx)}
            puts = [
                ReplaceOne({"_id": each["_id"]}, each, upsert=True) for each in documents if each["_id"] not in kept
            ]
            if puts:
                await self._documents.bulk_write(puts, session=tx)

        if documents:
            await in_transaction(self._client, work)
        return ids

    async def find_round(self, turn: Turn, round: int) -> Sequence[ToolCall]:
        """Return the calls of a round, in order."""
        prefix = model_call_id(turn.turn_id, turn.attempt, round, 0).rpartition(".")[0]
        ids = [part.call_id for part in turn.parts if part.call_id and part.call_id.rpartition(".")[0] == prefix]
        return await self.find_many(turn.user_id, ids)

    async def find_many(self, user_id: str, call_ids: Sequence[str]) -> Sequence[ToolCall]:
        """Return those of a user's calls that there are, in the order of their ids."""
        query = {"user_id": ObjectId(user_id), "call_id": {"$in": list(call_ids)}}
        found = {each["call_id"]: self._calls.call_from(each) for each in await self._documents.find(query).to_list()}
        return [found[call_id] for call_id in call_ids if call_id in found]

    async def attach(self, turns: Sequence[Turn]) -> Sequence[Turn]:
        """Return the turns with their calls, which are read in one query."""
        keys = [ObjectId(self._key(turn.user_id, call_id)) for turn in turns for call_id in turn.call_ids]
        if not keys:
            return turns
        found = await self._documents.find({"_id": {"$in": keys}}).to_list()
        calls = {call.call_id: call for call in self._calls.readable_from(found)}
        return [replace(turn, calls={each: calls[each] for each in turn.call_ids if each in calls}) for turn in turns]

    async def list_waiting(self, user_id: str, now: datetime) -> Sequence[ToolCall]:
        """Return the calls that wait for the user, oldest first, MAX_OPEN_APPROVALS at most."""
        waiting = {"user_id": ObjectId(user_id), "state": ToolCallState.WAITING, "expires_at": {"$gt": now}}
        found = await self._documents.find(waiting).sort("expires_at").limit(MAX_OPEN_APPROVALS).to_list()
        chats = await find_kept(self._chats, {document["chat_id"] for document in found}, now)
        return self._calls.readable_from(document for document in found if document["chat_id"] in chats)

    async def require_approval(
        self, call: ToolCall, now: datetime, notification: NewNotification | None = None
    ) -> None:
        """Have a call that was asked for wait for its user, and store what they are notified of it: both or neither.
        Idempotent.
        """
        waiting = {"state": ToolCallState.WAITING, "expires_at": now + APPROVAL_TIMEOUT}

        async def work(tx: AsyncClientSession) -> None:
            if await self._move(call.call_key, ToolCallState.ASKED, waiting, now, tx) and notification:
                seq = await insert_numbered(self._database, [notification], call.user_id, now, tx)
                after_commit(tx, partial(self._publish, call.user_id, seq))

        await in_transaction(self._client, work)

    async def approve_without_asking(self, call_key: str, now: datetime, session_id: str | None = None) -> None:
        """Let a call that was asked for run. `session_id`: which has allowed its tool in the chat, None for a tool that
        needs no approval. Idempotent.
        """
        approved = {"state": ToolCallState.APPROVED, "decided_by_session": session_id}
        await self._move(call_key, ToolCallState.ASKED, approved, now)

    async def refuse(self, call: ToolCall, result: ToolResult, now: datetime) -> None:
        """End a call that has not begun with this result. Without effect on one that has gone on since it was read, so
        that what its user has approved is not declined as well. Idempotent.
        """
        if call.state in NOT_BEGUN:
            await self._move(call.call_key, call.state, self._calls.done(call.call_key, result), now)

    async def decide(self, user_id: str, call_id: str, decision: Decision, session_id: str, now: datetime) -> ToolCall:
        """Record a user's decision and return the call. One for the chat lets its tool run there from now on. The turn
        keeps that it is to be woken, for the sweep.

        Raises ApprovalNotFound, and ApprovalClosed for a call that is decided, or waits no longer.
        """
        mine = {"user_id": ObjectId(user_id), "call_id": call_id}

        async def work(tx: AsyncClientSession) -> ToolCall:
            found = await self._documents.find_one(mine, session=tx)
            if found is None or not found.get("expires_at"):
                raise ApprovalNotFound
            is_kept = await find_kept(self._chats, [found["chat_id"]], now, tx)
            if not is_kept or not self._calls.readable_from([found]):
                raise ApprovalNotFound
            if found["state"] != ToolCallState.WAITING or found["expires_at"] <= now:
                raise ApprovalClosed
            return await self._decide(found, decision, session_id, now, tx)

        return await in_transaction(self._client, work)

    async def start(self, call_key: str, now: datetime) -> bool:
        """Let an approved call begin; False if it has its result, or so many of its user's run that it has one now."""
        found = await self._documents.find_one({"_id": ObjectId(call_key)}, {"state": 1, "user_id": 1})
        if found is None or found["state"] not in (ToolCallState.APPROVED, ToolCallState.RUNNING):
            return False
        if found["state"] == ToolCallState.RUNNING:
            return True
        for slot in await self._calls.free_slots(str(found["user_id"]), now):
            try:
                await self._move(
                    call_key, ToolCallState.APPROVED, {"state": ToolCallState.RUNNING, **holding(slot, now)}, now
                )
            except DuplicateKeyError:
                continue
            return True
        too_many = self._calls.done(call_key, failure(ToolErrorCode.CONCURRENCY_LIMIT))
        await self._move(call_key, ToolCallState.APPROVED, too_many, now)
        return False

    async def find_decider(self, call_key: str) -> str | None:
        """Return the id of the session that has approved a call, or has allowed its tool in the chat; None for one that
        needed no approval.
        """
        found = await self._documents.find_one({"_id": ObjectId(call_key)}, {"decided_by_session": 1})
        return found.get("decided_by_session") if found else None

    async def _decide(
        self, found: Document, decision: Decision, session_id: str, now: datetime, tx: AsyncClientSession
    ) -> ToolCall:
        call_key = str(found["_id"])
        is_declined = decision is Decision.DECLINE
        outcome = self._calls.done(call_key, DECLINED) if is_declined else {"state": ToolCallState.APPROVED}
        fields = outcome | {"decision": decision, "decided_by_session": session_id, "updatedAt": now}
        await self._documents.update_one({"_id": found["_id"]}, {"$set": fields}, session=tx)
        call = self._calls.call_from(found | fields)
        if decision is Decision.CHAT:
            allowed = {"$set": {f"allowed_tools.{call.tool}": session_id}}
            await self._chats.update_one({"_id": found["chat_id"]}, allowed, session=tx)
        waiting = {"_id": ObjectId(found["turn_id"]), "state": TurnState.WAITING_APPROVAL}
        await self._turns.update_one(waiting, {"$set": {"decided_at": now}}, session=tx)
        kind = OccurrenceType.TOOL_CALL_DECLINED if is_declined else OccurrenceType.TOOL_CALL_APPROVED
        await self._occurrences.record_new(call_occurrence(kind, call, now), tx)
        return call

    async def _move(
        self, call_key: str, state: object, fields: Document, now: datetime, tx: AsyncClientSession | None = None
    ) -> bool:
        """Whether the call was in this state, and has these fields now."""
        expected = {"_id": ObjectId(call_key), "state": state}
        moved = await self._documents.update_one(expected, {"$set": {**fields, "updatedAt": now}}, session=tx)
        return moved.matched_count == 1

    async def _require_writer(self, draft: Draft, tx: AsyncClientSession) -> None:
        """Raises NewerWriter. The turn is written, so that a deletion at this moment waits, and takes the calls too."""
        turn = draft.turn
        mine = {"_id": ObjectId(turn.turn_id), "attempt": turn.attempt, "writer": draft.writer}
        found = await self._turns.update_one(mine | {"state": TurnState.RUNNING}, {"$inc": {"asks": 1}}, session=tx)
        if found.matched_count == 0:
            raise NewerWriter

    def _key(self, user_id: str, call_id: str) -> str:
        return self._hashes.derive_object_id(effect_key(user_id, call_id), "tool-call")

    def _document(self, turn: Turn, call_id: str, asked: CallAsked, now: datetime) -> Document:
        call_key = self._key(turn.user_id, call_id)
        arguments = parse_arguments(asked.arguments)
        new = NewToolCall(
            call_key,
            turn.user_id,
            call_id,
            asked.tool[:MAX_NAME_LENGTH].encode(errors="replace").decode(),
            {} if isinstance(arguments, ToolResult) else arguments,
            body_hash="",
            chat_id=turn.chat_id,
            turn_id=turn.turn_id,
            asker_id=turn.asker_id,
        )
        refused = self._calls.done(call_key, arguments) if isinstance(arguments, ToolResult) else {}
        return self._calls.document(new, now) | {"state": ToolCallState.ASKED} | refused
