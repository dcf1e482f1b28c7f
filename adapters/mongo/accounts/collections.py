"""Collections of accounts."""

from collections.abc import Sequence

from pymongo import IndexModel

from adapters.mongo.collection import Collection, Exempt

TOMBSTONES = Collection(
    name="tombstones",
    indexes=[
        IndexModel("deletion_key", name="deletion_key", unique=True),
        IndexModel(
            "deletion_open_since",
            name="deletion_open_since",
            partialFilterExpression={"deletion_open_since": {"$exists": True}},
        ),
    ],
    owner_field=Exempt("what is left of an erased account on purpose"),
    export=Exempt("an erased account cannot ask for an export"),
)

HOLDS = Collection(
    name="holds",
    indexes=[
        IndexModel("key", name="key", unique=True),
        IndexModel("owner", name="owner"),
        IndexModel("until", name="until_ttl", expireAfterSeconds=0),
    ],
    owner_field=Exempt("names stay reserved, for no account: PersonalDocuments.release_holds"),
    export=Exempt("reserved names and addresses: those of the user are in the account"),
)

COLLECTIONS: Sequence[Collection] = (
    TOMBSTONES,
    HOLDS,
)
