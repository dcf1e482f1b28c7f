"""Collections of auth."""

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import DAY_SECONDS, Collection, Exempt, Export

SESSIONS = Collection(
    name="sessions",
    indexes=[
        IndexModel([("user_id", ASCENDING), ("is_active", ASCENDING)], name="user_active"),
        IndexModel("expires_at", name="expires_ttl", expireAfterSeconds=30 * DAY_SECONDS),
    ],
    owner_field="user_id",
    export=Export(
        "sessions",
        (
            *("app", "device_fingerprint_id", "auth_strength", "is_active", "revoked_at", "revoke_reason"),
            *("expires_at", "last_used_at", "createdAt"),
        ),
    ),
)

DEVICE_FINGERPRINTS = Collection(
    name="device_fingerprints",
    indexes=[
        IndexModel([("user_id", ASCENDING), ("fingerprint_hashed", ASCENDING)], name="user_fingerprint", unique=True),
    ],
    owner_field="user_id",
    export=Export("devices", ("browser", "device", "is_trusted", "trusted_at", "last_seen_at")),
)

OTPS = Collection(
    name="otps",
    indexes=[IndexModel("user_id", name="user_id", unique=True)],
    owner_field="user_id",
    export=Export("second_factor", ("otp_enable", "enabled_at", "createdAt")),
)

WALLETS = Collection(
    name="wallets",
    indexes=[
        IndexModel("address", name="address", unique=True),
        IndexModel([("user_id", ASCENDING), ("createdAt", ASCENDING), ("_id", ASCENDING)], name="user_created_id"),
        IndexModel("user_id", name="one_primary", unique=True, partialFilterExpression={"is_primary": True}),
    ],
    owner_field="user_id",
    export=Export("wallets", ("address", "chain_id", "name_service", "is_primary", "createdAt")),
)

TICKETS = Collection(
    name="tickets",
    indexes=[
        IndexModel("hash", name="hash", unique=True),
        IndexModel("expires_at", name="expires_ttl", expireAfterSeconds=0),
    ],
    owner_field=Exempt("only some name a user, in their value: PersonalDocuments.erase_tickets"),
    export=Exempt("secrets that live for minutes"),
)

API_KEYS = Collection(
    name="api_keys",
    indexes=[
        IndexModel("prefix", name="prefix", unique=True),
        IndexModel([("user_id", ASCENDING), ("createdAt", ASCENDING)], name="user_created"),
        IndexModel("expires_at", name="expires_ttl", expireAfterSeconds=90 * DAY_SECONDS),
        IndexModel("remind_at", name="remind_at", sparse=True),
    ],
    owner_field="user_id",
    export=Export(
        "api_keys",
        (
            *("name", "prefix", "scopes", "limit", "networks", "expires_at", "revoked_at", "last_used_at"),
            *("last_used_network", "uses", "createdAt"),
        ),
    ),
)

COLLECTIONS: Sequence[Collection] = (SESSIONS, DEVICE_FINGERPRINTS, OTPS, WALLETS, TICKETS, API_KEYS)
