"""Collections of social."""

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import DAY_SECONDS, Collection, Export

FOLLOWER_SNAPSHOTS = Collection(
    name="follower_snapshots",
    indexes=[
        IndexModel(
            [("user_id", ASCENDING), ("day", ASCENDING), ("chunk", ASCENDING)], name="user_day_chunk", unique=True
        ),
        IndexModel("came", name="came", sparse=True),
        IndexModel("left", name="left", sparse=True),
        IndexModel("user_id", name="user_full", partialFilterExpression={"full": {"$exists": True}}),
        IndexModel("day", name="day_ttl", expireAfterSeconds=400 * DAY_SECONDS),
    ],
    owner_field="user_id",
    export=Export("follower_snapshots", ("day", "followers_number", "gained", "lost", "came", "left")),
)

COLLECTIONS: Sequence[Collection] = (FOLLOWER_SNAPSHOTS,)
