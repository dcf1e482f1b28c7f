"""Calls of models in MongoDB, and their sums by day and model. A sum is asked for, never counted up beside them."""

from collections.abc import Sequence
from datetime import date, datetime

from bson import ObjectId

from adapters.mongo.assistant.turn_documents import usage_from
from adapters.mongo.client import Database, Document
from domain.assistant.model_usage import DayUsage, ModelCall, UsagePeriod
from domain.assistant.turns import Usage
from domain.moments import midnight


class ModelUsageStore:
    """Records calls of models, and sums them up."""

    def __init__(self, database: Database) -> None:
        self._calls = database["model_usage"]

    async def record(self, call: ModelCall) -> None:
        """Store a call that begins, or its end. Idempotent."""
        key = {"turn_id": ObjectId(call.turn_id), "attempt": call.attempt, "writer": call.writer}
        await self._calls.update_one(key, {"$set": _fields(call)}, upsert=True)

    async def count_today(self, user_id: str, now: datetime) -> int:
        """Return the tokens that a user has used up since midnight (UTC)."""
        mine = {"user_id": ObjectId(user_id), "createdAt": {"$gte": midnight(now.date())}}
        tokens = {"$add": ["$prompt_tokens", "$completion_tokens"]}
        stages: list[Document] = [{"$match": mine}, {"$group": {"_id": None, "tokens": {"$sum": tokens}}}]
        found = await (await self._calls.aggregate(stages)).to_list()
        return int(found[0]["tokens"]) if found else 0

    async def sum_attempt(self, turn_id: str, attempt: int) -> Usage:
        """Return what all calls of an attempt at a turn have cost together."""
        found = await self._calls.find({"turn_id": ObjectId(turn_id), "attempt": attempt}).to_list()
        return sum(map(usage_from, found), Usage())

    async def list_days(self, period: UsagePeriod, user_id: str | None = None) -> Sequence[DayUsage]:
        """Return the sums of each day and model, of one user or of all, the newest day first."""
        asked: Document = {"createdAt": {"$gte": period.begins_at, "$lt": period.ends_at}}
        if user_id:
            asked["user_id"] = ObjectId(user_id)
        found = await (await self._calls.aggregate([{"$match": asked}, *_by_day_and_model()])).to_list()
        return [_day_from(document) for document in found]


class TokenBudget:
    """What a user may use up from midnight to midnight (UTC): `tokens_a_day`."""

    def __init__(self, usage: ModelUsageStore, tokens_a_day: int) -> None:
        self._usage = usage
        self._tokens_a_day = tokens_a_day

    async def is_spent(self, user_id: str, now: datetime) -> bool:
        """Return whether the user has nothing left for today."""
        return await self._usage.count_today(user_id, now) >= self._tokens_a_day


def _fields(call: ModelCall) -> Document:
    return {
        "user_id": ObjectId(call.user_id),
        "round": call.round,
        "model": call.model,
        "prompt_tokens": call.usage.prompt_tokens,
        "completion_tokens": call.usage.completion_tokens,
        "cached_tokens": call.usage.cached_tokens,
        "is_estimated": call.usage.is_estimated,
        "cost_micro": call.cost_micro,
        "ending": call.ending,
        "first_text_ms": call.first_text_ms,
        "total_ms": call.total_ms,
        "createdAt": call.began_at,
    }


def _by_day_and_model() -> list[Document]:
    numbers = ("prompt_tokens", "completion_tokens", "cached_tokens", "cost_micro")
    # A model without a price has the cost null, which $sum takes for 0 and $max for none.
    sums = {field: {"$sum": f"${field}"} for field in numbers} | {"price": {"$max": "$cost_micro"}}
    day = {"$dateToString": {"date": "$createdAt", "format": "%Y-%m-%d"}}
    each = {"day": "$_id.day", "model": "$_id.model"}
    summed = {field: {"$sum": f"${field}"} for field in numbers} | {"price": {"$max": "$price"}}
    return [
        {"$group": {"_id": {"day": day, "model": "$model", "turn": "$turn_id"}, **sums}},
        {"$group": {"_id": each, "turns": {"$sum": 1}, **summed}},
        {"$sort": {"_id.day": -1, "_id.model": 1}},
    ]


def _day_from(document: Document) -> DayUsage:
    return DayUsage(
        day=date.fromisoformat(document["_id"]["day"]),
        model=document["_id"]["model"],
        turns=document["turns"],
        prompt_tokens=document["prompt_tokens"],
        completion_tokens=document["completion_tokens"],
        cached_tokens=document["cached_tokens"],
        cost_micro=document["cost_micro"] if document["price"] is not None else None,
    )
