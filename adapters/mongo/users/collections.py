"""Collections of users."""

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Collection, Exempt, Export
from domain.users.users import Role

USERS = Collection(
    name="users",
    indexes=[
        IndexModel("username_key", name="username_key", unique=True),
        IndexModel("email_key", name="email_key", unique=True),
        IndexModel("createdAt", name="created_at"),
        # All but users, whose role is the last one by name: MongoDB sees that a list of roles is part of this range,
        # but not that one list is part of another.
        IndexModel("role", name="rare_roles", partialFilterExpression={"role": {"$lt": Role.USER}}),
        IndexModel("grants.name", name="grants_name", sparse=True),
        IndexModel("grants.until", name="grants_until", sparse=True),
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
    owner_field=Exempt("the account itself: a tombstone takes its place"),
    export=Exempt("the account itself: PersonalRecords.account"),
    dropped_indexes=("admins",),
)

SECURITY_EVENTS = Collection(
    name="security_events",
    indexes=[
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
    owner_field="user_id",
    export=Export("security_events", ("kind", "severity", "at", "device", "address_prefix")),
    dropped_indexes=("user_at",),
)

NO_USER = Exempt("holds no user: what an app's roles and permissions are")

ROLES = Collection(
    name="roles", indexes=[IndexModel("name", name="name", unique=True)], owner_field=NO_USER, export=NO_USER
)
PERMISSIONS = Collection(
    name="permissions", indexes=[IndexModel("name", name="name", unique=True)], owner_field=NO_USER, export=NO_USER
)
ACCESS_HEAD = Collection(
    name="access_head", indexes=[IndexModel("version", name="version")], owner_field=NO_USER, export=NO_USER
)

COLLECTIONS: Sequence[Collection] = (USERS, SECURITY_EVENTS, ROLES, PERMISSIONS, ACCESS_HEAD)
