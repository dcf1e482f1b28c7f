"""The MongoDB client and every index, declared in one list. MongoDB is the truth for accounts."""

from typing import Any

from pymongo import ASCENDING, AsyncMongoClient, IndexModel
from pymongo.asynchronous.database import AsyncDatabase

from adapters.mongo.driver_patch import mend_waits

Document = dict[str, Any]
Client = AsyncMongoClient[Document]
Database = AsyncDatabase[Document]

SERVER_SELECTION_MS = 2_000
SOCKET_MS = 10_000
DAY_SECONDS = 24 * 3600

INDEXES: dict[str, list[IndexModel]] = {
    "users": [
        IndexModel("username_key", name="username_key", unique=True),
        IndexModel("email_key", name="email_key", unique=True),
        IndexModel("createdAt", name="created_at"),
        IndexModel("role", name="admins", partialFilterExpression={"role": "admin"}),
        IndexModel(
            "sync_open_since",
            name="sync_open_since",
            partialFilterExpression={"sync_open_since": {"$exists": True}},
        ),
        IndexModel(
            "deletion_key",
            name="deletion_key",
            unique=True,
            partialFilterExpression={"deletion_key": {"$exists": True}},
        ),
        IndexModel(
            "deletion_open_since",
            name="deletion_open_since",
            partialFilterExpression={"deletion_open_since": {"$exists": True}},
        ),
    ],
    "tombstones": [
        IndexModel("deletion_key", name="deletion_key", unique=True),
        IndexModel(
            "deletion_open_since",
            name="deletion_open_since",
            partialFilterExpression={"deletion_open_since": {"$exists": True}},
        ),
    ],
    "follower_snapshots": [
        IndexModel(
            [("user_id", ASCENDING), ("day", ASCENDING), ("chunk", ASCENDING)], name="user_day_chunk", unique=True
        ),
        IndexModel("came", name="came", sparse=True),
        IndexModel("left", name="left", sparse=True),
        IndexModel("user_id", name="user_full", partialFilterExpression={"full": {"$exists": True}}),
        IndexModel("day", name="day_ttl", expireAfterSeconds=400 * DAY_SECONDS),
    ],
    "graph_reports": [
        IndexModel([("at", ASCENDING), ("_id", ASCENDING)], name="at_id"),
        IndexModel("at", name="at_ttl", expireAfterSeconds=90 * DAY_SECONDS),
    ],
    "exports": [
        IndexModel([("flow_key", ASCENDING), ("part", ASCENDING)], name="flow_part", unique=True),
        IndexModel("user_id", name="user_id"),
        IndexModel("expires_at", name="expires_ttl", expireAfterSeconds=0),
    ],
    "holds": [
        IndexModel("key", name="key", unique=True),
        IndexModel("owner", name="owner"),
        IndexModel("until", name="until_ttl", expireAfterSeconds=0),
    ],
    "sessions": [
        IndexModel([("user_id", ASCENDING), ("is_active", ASCENDING)], name="user_active"),
        IndexModel("expires_at", name="expires_ttl", expireAfterSeconds=30 * DAY_SECONDS),
    ],
    "device_fingerprints": [
        IndexModel([("user_id", ASCENDING), ("fingerprint_hashed", ASCENDING)], name="user_fingerprint", unique=True),
    ],
    "mails": [
        IndexModel("key", name="key", unique=True),
        IndexModel("state", name="state"),
        IndexModel("recipient_hash", name="recipient_hash"),
        IndexModel("createdAt", name="created_ttl", expireAfterSeconds=90 * DAY_SECONDS),
        IndexModel("sealed_since", name="sealed_since", partialFilterExpression={"sealed_since": {"$exists": True}}),
    ],
    "otps": [IndexModel("user_id", name="user_id", unique=True)],
    "wallets": [
        IndexModel("address", name="address", unique=True),
        IndexModel([("user_id", ASCENDING), ("createdAt", ASCENDING), ("_id", ASCENDING)], name="user_created_id"),
        IndexModel("user_id", name="one_primary", unique=True, partialFilterExpression={"is_primary": True}),
    ],
    "idempotency": [IndexModel("expires_at", name="expires_ttl", expireAfterSeconds=0)],
    "tickets": [
        IndexModel("hash", name="hash", unique=True),
        IndexModel("expires_at", name="expires_ttl", expireAfterSeconds=0),
    ],
    "security_events": [
        IndexModel([("user_id", ASCENDING), ("at", ASCENDING), ("_id", ASCENDING)], name="user_at_id"),
        IndexModel([("kind", ASCENDING), ("at", ASCENDING)], name="kind_at"),
        IndexModel(
            "notice_open_since",
            name="notice_open_since",
            partialFilterExpression={"notice_open_since": {"$exists": True}},
        ),
        IndexModel(
            "notification_open_since",
            name="notification_open_since",
            partialFilterExpression={"notification_open_since": {"$exists": True}},
        ),
        IndexModel(
            [("user_id", ASCENDING), ("notification_open_since", ASCENDING)],
            name="user_untold",
            partialFilterExpression={"notification_open_since": {"$exists": True}},
        ),
    ],
    "inboxes": [IndexModel("user_id", name="user_id", unique=True)],
    "notifications": [
        IndexModel([("user_id", ASCENDING), ("seq", ASCENDING)], name="user_seq", unique=True),
        IndexModel([("user_id", ASCENDING), ("dedupe_key", ASCENDING)], name="user_dedupe", unique=True),
        IndexModel(
            [("user_id", ASCENDING), ("delivered", ASCENDING), ("seq", ASCENDING)],
            name="undelivered",
            partialFilterExpression={"delivered": False},
        ),
        IndexModel(
            [("user_id", ASCENDING), ("read", ASCENDING), ("seq", ASCENDING)],
            name="unread",
            partialFilterExpression={"read": False},
        ),
        IndexModel(
            [("user_id", ASCENDING), ("read_at", ASCENDING)],
            name="user_read_at",
            partialFilterExpression={"read": True},
        ),
        IndexModel(
            [("about", ASCENDING), ("user_id", ASCENDING), ("createdAt", ASCENDING)],
            name="about_user_created",
            partialFilterExpression={"about": {"$exists": True}},
        ),
        IndexModel("createdAt", name="created_ttl", expireAfterSeconds=180 * DAY_SECONDS),
    ],
}


def open_mongo(url: str) -> Client:
    """A client that connects when first used and gives up on an absent server after 2 s."""
    mend_waits()
    return AsyncMongoClient(
        url,
        tz_aware=True,
        serverSelectionTimeoutMS=SERVER_SELECTION_MS,
        connectTimeoutMS=SERVER_SELECTION_MS,
        socketTimeoutMS=SOCKET_MS,
        w="majority",
        appname="decode",
    )


async def ensure_indexes(database: Database) -> None:
    """Create what is missing. Run at worker start; running it again changes nothing."""
    for collection, indexes in INDEXES.items():
        await database[collection].create_indexes(indexes)


async def ping(client: Client) -> None:
    """One round trip to the server that would answer a query. Raises the driver's error."""
    await client.admin.command("ping")
