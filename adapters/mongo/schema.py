"""Every collection, assembled from the areas' declarations, and the upkeep of their indexes."""

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel
from pymongo.errors import OperationFailure

from adapters.mongo.accounts import collections as accounts
from adapters.mongo.assistant import collections as assistant
from adapters.mongo.auth import collections as auth
from adapters.mongo.client import Database
from adapters.mongo.collection import Collection, Exempt
from adapters.mongo.delivery import collections as delivery
from adapters.mongo.journal import collections as journal
from adapters.mongo.notifications import collections as notifications
from adapters.mongo.operations import collections as operations
from adapters.mongo.social import collections as social
from adapters.mongo.users import collections as users

IDEMPOTENCY = Collection(
    name="idempotency",
    indexes=[IndexModel("expires_at", name="expires_ttl", expireAfterSeconds=0)],
    owner_field=Exempt("answers kept for repeats of a request: they name no user and are gone after a day"),
    export=Exempt("answers that the client has already had"),
)

EXPORTS = Collection(
    name="exports",
    indexes=[
        IndexModel([("flow_key", ASCENDING), ("part", ASCENDING)], name="flow_part", unique=True),
        IndexModel("user_id", name="user_id"),
        IndexModel("expires_at", name="expires_ttl", expireAfterSeconds=0),
    ],
    owner_field="user_id",
    export=Exempt("the exports themselves"),
)

INDEX_NOT_FOUND = 27

COLLECTIONS: Sequence[Collection] = (
    *journal.COLLECTIONS,
    *delivery.COLLECTIONS,
    *users.COLLECTIONS,
    *auth.COLLECTIONS,
    *social.COLLECTIONS,
    *notifications.COLLECTIONS,
    *assistant.COLLECTIONS,
    *accounts.COLLECTIONS,
    *operations.COLLECTIONS,
    IDEMPOTENCY,
    EXPORTS,
)


async def ensure_indexes(database: Database, collections: Sequence[Collection] = COLLECTIONS) -> None:
    """Create the indexes that are missing, then drop those of earlier releases. Idempotent; run at worker start."""
    for collection in collections:
        if not isinstance(collection.indexes, Exempt):
            await database[collection.name].create_indexes(collection.indexes)
        for name in collection.dropped_indexes:
            await _drop_index(database, collection.name, name)


async def _drop_index(database: Database, collection: str, name: str) -> None:
    try:
        await database[collection].drop_index(name)
    except OperationFailure as error:
        if error.code != INDEX_NOT_FOUND:
            raise
