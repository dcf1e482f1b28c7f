"""Collections of notifications."""

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import DAY_SECONDS, Collection, Exempt, Export

INBOXES = Collection(
    name="inboxes",
    indexes=[IndexModel("user_id", name="user_id", unique=True)],
    owner_field="user_id",
    export=Exempt("counters of the notifications, which are exported"),
)

NOTIFICATIONS = Collection(
    name="notifications",
    indexes=[
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
    owner_field="user_id",
    export=Export("notifications", ("seq", "type", "title", "message", "data", "delivered_at", "read_at", "createdAt")),
)

COLLECTIONS: Sequence[Collection] = (INBOXES, NOTIFICATIONS)
