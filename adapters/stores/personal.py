"""Where one person's data lie, store by store. A new place joins here, so that export and erasure reach it."""

from dataclasses import dataclass

from adapters.clients import Clients
from adapters.mongo.accounts.erasure import PersonalDocuments
from adapters.mongo.accounts.personal_records import PersonalRecords
from adapters.mongo.social.snapshot_mentions import FollowerTraces
from adapters.neo4j.accounts.erasure import PersonalNode
from adapters.neo4j.accounts.personal_edges import PersonalEdges
from adapters.redis.erasure import PersonalKeys
from adapters.temporal.pending_flows import PendingFlows


@dataclass(frozen=True)
class Personal:
    """What finds all that is held about one person, store by store: to hand it over, and to erase it."""

    records: PersonalRecords
    edges: PersonalEdges
    flows: PendingFlows
    documents: PersonalDocuments
    node: PersonalNode
    traces: FollowerTraces
    keys: PersonalKeys


def personal_of(clients: Clients) -> Personal:
    return Personal(
        records=PersonalRecords(clients.database),
        edges=PersonalEdges(clients.neo4j),
        flows=PendingFlows(clients.temporal),
        documents=PersonalDocuments(clients.database),
        node=PersonalNode(clients.neo4j),
        traces=FollowerTraces(clients.database),
        keys=PersonalKeys(clients.redis),
    )
