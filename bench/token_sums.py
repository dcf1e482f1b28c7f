"""What a user has used up today, which is summed up before each call of a model, beside a day with few calls."""

import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial

from bson import ObjectId

from adapters.mongo.client import Document
from bench.bench import Bench
from bench.figure import Figure, Limit, at_most_times, grouped
from bench.timing import Call, milliseconds

CALLS = (1, 100, 10_000)
"""Of one user today. By its budget of 200 000 tokens a user has some thousand at most."""


async def measure(bench: Bench) -> Sequence[Figure]:
    """Sum up the tokens of users with so many calls each, in turn."""
    users, now = [ObjectId() for _ in CALLS], datetime.now(UTC)
    documents = [_call(user, now) for user, count in zip(users, CALLS, strict=True) for _ in range(count)]
    await bench.resources.clients.database["model_usage"].insert_many(documents)
    count_today = bench.resources.assistant.model_usage.count_today
    sums: list[Call] = [partial(count_today, str(user), now) for user in users]
    taken = await milliseconds(sums * bench.rounds(100, 20))
    few, *many = [statistics.median(taken[place :: len(sums)]) for place in range(len(sums))]
    return [_figure(count, ms, few) for count, ms in zip(CALLS[1:], many, strict=True)]


def _figure(count: int, ms: float, with_one: float) -> Figure:
    return Figure(
        what=f"tokens of a day summed up, {grouped(count)} calls, p50",
        ours=ms,
        unit="ms",
        limit=Limit("the same, one call", with_one),
        want=at_most_times(1.5),
        because="each call is an entry of an index that holds the numbers: no document is read, but all entries.",
    )


def _call(user_id: ObjectId, now: datetime) -> Document:
    numbers = {"prompt_tokens": 150, "completion_tokens": 20}
    return {"turn_id": ObjectId(), "attempt": 1, "writer": 1, "user_id": user_id, "createdAt": now, **numbers}
