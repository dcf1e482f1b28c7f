"""Collections of delivery."""

from collections.abc import Sequence

from pymongo import IndexModel

from adapters.mongo.collection import DAY_SECONDS, Collection, Exempt

MAILS = Collection(
    name="mails",
    indexes=[
        IndexModel("key", name="key", unique=True),
        IndexModel("state", name="state"),
        IndexModel("recipient_hash", name="recipient_hash"),
        IndexModel("createdAt", name="created_ttl", expireAfterSeconds=90 * DAY_SECONDS),
        IndexModel("sealed_since", name="sealed_since", partialFilterExpression={"sealed_since": {"$exists": True}}),
    ],
    owner_field=Exempt(
        "records of mails keep what became of them: PersonalDocuments.redact_recipient takes the user out"
    ),
    export=Exempt("found by the hash of the address: PersonalRecords.mails"),
)

COLLECTIONS: Sequence[Collection] = (MAILS,)
