"""The servers of the stack, in display order."""

from collections.abc import Mapping, Sequence

from devstack.servers.llama import Llama
from devstack.servers.mailbox import Mailbox
from devstack.servers.mongodb import MongoDB
from devstack.servers.neo4j import Neo4j
from devstack.servers.redis import Redis
from devstack.servers.server import Server
from devstack.servers.temporal import Temporal


def servers_with(neo4j: Neo4j) -> tuple[Server, ...]:
    """Return all servers, with this Neo4j."""
    return (MongoDB(), Redis(), neo4j, Temporal(), Mailbox())


SERVERS: tuple[Server, ...] = servers_with(Neo4j())
OPTIONAL_SERVERS: Mapping[str, Sequence[Server]] = {"assistant": (Llama(),)}
"""Those that `up` starts only if it is told to, by the part of the product that they are for."""
