"""What the graph shows of accounts: the truth on one side, the nodes on the other, and how the two compared."""

from dataclasses import dataclass

from adapters.clients import Clients
from adapters.mongo.operations.graph_reports import GraphReportStore
from adapters.mongo.operations.projections import ProjectionStore
from adapters.neo4j.operations.projections import ProjectionGraph


@dataclass(frozen=True)
class Projection:
    accounts: ProjectionStore
    nodes: ProjectionGraph
    reports: GraphReportStore


def projection_of(clients: Clients) -> Projection:
    return Projection(
        accounts=ProjectionStore(clients.database),
        nodes=ProjectionGraph(clients.neo4j),
        reports=GraphReportStore(clients.database),
    )
