"""Documents by their ids: reads that meet are one query."""

from collections.abc import Sequence

from bson import ObjectId
from pymongo.asynchronous.collection import AsyncCollection

from adapters.batching import Batches
from adapters.mongo.client import Document


def documents_by_id(collection: AsyncCollection[Document], *stages: Document) -> Batches[ObjectId, Document | None]:
    """Return the reads of one document each, through these stages of an aggregation; None where nothing comes out.

    What a document means is for the caller to say: a broken one is an error to its reader alone.
    """

    async def find(ids: Sequence[ObjectId]) -> Sequence[Document | None]:
        cursor = await collection.aggregate([{"$match": {"_id": {"$in": ids}}}, *stages])
        found = {document["_id"]: document for document in await cursor.to_list()}
        return [found.get(each) for each in ids]

    return Batches(find)
