"""Stores of operations: comparison of the graph with the accounts, graph backup, decrypted workflow payloads."""

from dataclasses import dataclass

from adapters.crypto.field_cipher import DecryptionFailed
from adapters.crypto.keys import KeyLabel, UnknownKey
from adapters.mongo.operations.graph_reports import GraphReportStore
from adapters.mongo.operations.projections import ProjectionStore
from adapters.neo4j.operations.graph_backup import GraphBackupStore
from adapters.neo4j.operations.projections import ProjectionGraph
from adapters.stores.opening import Opening
from adapters.temporal.codec import EncryptedPayloads


@dataclass(frozen=True)
class OperationStores:
    """`projected_accounts` reads what MongoDB says the graph must show, `projected_nodes` what it shows."""

    projected_accounts: ProjectionStore
    projected_nodes: ProjectionGraph
    graph_reports: GraphReportStore
    graph_backup: GraphBackupStore
    payloads: EncryptedPayloads

    def open_payloads(self, payloads: str) -> str | None:
        """Return payloads of a history in clear, as protobuf's JSON; None for payloads that are not ours."""
        try:
            return self.payloads.decode_json(payloads)
        except (DecryptionFailed, UnknownKey):
            return None


def open_operations(opening: Opening) -> OperationStores:
    """Return the stores of operations."""
    clients = opening.clients
    return OperationStores(
        projected_accounts=ProjectionStore(clients.database),
        projected_nodes=ProjectionGraph(clients.neo4j),
        graph_reports=GraphReportStore(clients.database),
        graph_backup=GraphBackupStore(clients.neo4j),
        payloads=EncryptedPayloads(opening.cipher(KeyLabel.PAYLOADS), clients.temporal.namespace),
    )
