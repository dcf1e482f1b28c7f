"""Collections of the assistant."""

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.collection import DAY_SECONDS, Collection, Export
from domain.assistant.chats import SHELL_TTL_DAYS
from domain.assistant.model_usage import USAGE_TTL_DAYS
from domain.assistant.tool_calls import CALL_TTL, ToolCallState

CHATS = Collection(
    name="chats",
    indexes=[
        IndexModel([("user_id", ASCENDING), ("last_activity_at", DESCENDING), ("_id", DESCENDING)], name="user_latest"),
        IndexModel("expires_at", name="open", partialFilterExpression={"ended_reason": None}),
        IndexModel("delete_at", name="words_due", partialFilterExpression={"delete_at": {"$exists": True}}),
        IndexModel("gone_at", name="gone_ttl", expireAfterSeconds=SHELL_TTL_DAYS * DAY_SECONDS),
    ],
    owner_field="user_id",
    export=Export(
        "chats",
        (
            *("title", "metadata", "model", "tools", "turns", "createdAt", "last_activity_at"),
            *("expires_at", "ended_reason"),
        ),
        is_sealed=True,
        chat_field="_id",
    ),
)

TURNS = Collection(
    name="turns",
    indexes=[
        IndexModel([("chat_id", ASCENDING), ("number", ASCENDING)], name="chat_number", unique=True),
        IndexModel(
            [("chat_id", ASCENDING), ("number", ASCENDING)],
            name="chat_open",
            partialFilterExpression={"open_since": {"$exists": True}},
        ),
        IndexModel("open_since", name="open_since", partialFilterExpression={"open_since": {"$exists": True}}),
        IndexModel("user_id", name="user_id"),
    ],
    owner_field="user_id",
    export=Export(
        "turns",
        (
            *("chat_id", "number", "text", "mode", "state", "attempt", "parts.kind", "parts.text", "parts.call_id"),
            *("model", "finish_reason", "failure", "usage", "createdAt", "ended_at"),
        ),
        is_sealed=True,
        chat_field="chat_id",
    ),
)


TOOL_CALLS = Collection(
    name="tool_calls",
    indexes=[
        IndexModel([("user_id", ASCENDING), ("call_id", ASCENDING)], name="user_call", unique=True),
        IndexModel(
            [("user_id", ASCENDING), ("slot", ASCENDING)],
            name="user_slot",
            unique=True,
            partialFilterExpression={"slot": {"$exists": True}},
        ),
        IndexModel([("chat_id", ASCENDING), ("state", ASCENDING)], name="chat_state"),
        IndexModel(
            [("user_id", ASCENDING), ("expires_at", ASCENDING)],
            name="user_waiting",
            partialFilterExpression={"state": ToolCallState.WAITING},
        ),
        IndexModel("createdAt", name="created_ttl", expireAfterSeconds=int(CALL_TTL.total_seconds())),
    ],
    owner_field="user_id",
    export=Export(
        "tool_calls",
        ("call_id", "tool", "arguments", "result", "state", "createdAt"),
        is_sealed=True,
        chat_field="chat_id",
    ),
)

MODEL_USAGE = Collection(
    name="model_usage",
    indexes=[
        IndexModel([("turn_id", ASCENDING), ("attempt", ASCENDING), ("writer", ASCENDING)], name="call", unique=True),
        # With the numbers: the sum of a day is read from the index alone.
        IndexModel(
            [(field, ASCENDING) for field in ("user_id", "createdAt", "prompt_tokens", "completion_tokens")],
            name="user_tokens",
        ),
        IndexModel("createdAt", name="created_ttl", expireAfterSeconds=USAGE_TTL_DAYS * DAY_SECONDS),
    ],
    owner_field="user_id",
    export=Export(
        "model_usage",
        (
            *("turn_id", "model", "prompt_tokens", "completion_tokens", "cached_tokens", "is_estimated"),
            *("cost_micro", "createdAt"),
        ),
    ),
)

COLLECTIONS: Sequence[Collection] = (CHATS, TURNS, TOOL_CALLS, MODEL_USAGE)
