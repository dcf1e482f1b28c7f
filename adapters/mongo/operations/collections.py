"""Collections of operations."""

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from adapters.mongo.collection import DAY_SECONDS, Collection, Exempt

GRAPH_REPORTS = Collection(
    name="graph_reports",
    indexes=[
        IndexModel([("at", ASCENDING), ("_id", ASCENDING)], name="at_id"),
        IndexModel("at", name="at_ttl", expireAfterSeconds=90 * DAY_SECONDS),
    ],
    owner_field=Exempt("counts and ids of nodes that were repaired, gone after 90 days"),
    export=Exempt("a report on the graph, not on a user"),
)

COLLECTIONS: Sequence[Collection] = (GRAPH_REPORTS,)
