"""The servers of the stack, in the order in which they are shown."""

from devstack.servers.mailbox import Mailbox
from devstack.servers.mongodb import MongoDB
from devstack.servers.neo4j import Neo4j
from devstack.servers.redis import Redis
from devstack.servers.server import Server
from devstack.servers.temporal import Temporal

SERVERS: tuple[Server, ...] = (MongoDB(), Redis(), Neo4j(), Temporal(), Mailbox())
