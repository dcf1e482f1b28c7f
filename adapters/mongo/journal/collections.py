"""Collections of the journal."""

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import Collection, Exempt

OCCURRENCES = Collection(
    name="occurrences",
    indexes=[IndexModel([("at", ASCENDING), ("_id", ASCENDING)], name="at_id")],
    owner_field=Exempt("an occurrence waits a moment for its number; an erasure unsets the words about the user"),
    export=Exempt("an occurrence waits a moment for its number, and is exported from the journal"),
)

COLLECTIONS: Sequence[Collection] = (OCCURRENCES,)
