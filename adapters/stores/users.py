"""Stores of users: accounts, profiles, roles, security events, nodes in the graph, presence."""

from dataclasses import dataclass

from adapters.crypto.keys import KeyLabel
from adapters.mongo.users.open_flows import OpenFlows
from adapters.mongo.users.profiles import ProfileStore
from adapters.mongo.users.roles import RoleStore
from adapters.mongo.users.security_events import Inbox, SecurityEventStore
from adapters.mongo.users.users import UserStore
from adapters.neo4j.users.users import GraphUserStore
from adapters.redis.presence import Presence
from adapters.stores.journal import JournalStores
from adapters.stores.opening import Opening


@dataclass(frozen=True)
class UserStores:
    """Accounts and their events are in MongoDB, `nodes` in Neo4j, `presence` in Redis."""

    users: UserStore
    profiles: ProfileStore
    roles: RoleStore
    security_events: SecurityEventStore
    open_flows: OpenFlows
    nodes: GraphUserStore
    presence: Presence


def open_users(opening: Opening, journal: JournalStores, inbox: Inbox) -> UserStores:
    """Return the stores of users. `inbox`: where their events become notifications."""
    clients = opening.clients
    events = SecurityEventStore(clients.mongo, clients.database, inbox, journal.occurrences)
    return UserStores(
        users=UserStore(clients.database),
        profiles=ProfileStore(clients.mongo, clients.database, journal.occurrences),
        roles=RoleStore(clients.mongo, clients.database, events),
        security_events=events,
        open_flows=OpenFlows(opening.cipher(KeyLabel.SEALED)),
        nodes=GraphUserStore(clients.neo4j),
        presence=Presence(clients.redis),
    )
