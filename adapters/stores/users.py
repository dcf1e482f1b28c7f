"""Stores of users: accounts, profiles, roles, permissions, grants, security events, nodes in the graph, presence."""

from dataclasses import dataclass

from adapters.crypto.keys import KeyLabel
from adapters.mongo.users.access_guard import AccessGuard
from adapters.mongo.users.access_head import AccessHead
from adapters.mongo.users.grants import GrantStore
from adapters.mongo.users.open_flows import OpenFlows
from adapters.mongo.users.permissions import PermissionStore
from adapters.mongo.users.profiles import ProfileStore
from adapters.mongo.users.role_definitions import RoleDefinitionStore
from adapters.mongo.users.role_holders import RoleHolders
from adapters.mongo.users.roles import RoleStore
from adapters.mongo.users.security_events import Inbox, SecurityEventStore
from adapters.mongo.users.users import UserStore
from adapters.neo4j.users.users import GraphUserStore
from adapters.redis.presence import USER_SOCKETS, Presence
from adapters.stores.journal import JournalStores
from adapters.stores.opening import Opening


@dataclass(frozen=True)
class UserStores:
    """Accounts and their events are in MongoDB, `nodes` in Neo4j, `presence` in Redis."""

    users: UserStore
    profiles: ProfileStore
    roles: RoleStore
    access_head: AccessHead
    access_guard: AccessGuard
    role_definitions: RoleDefinitionStore
    role_holders: RoleHolders
    permissions: PermissionStore
    grants: GrantStore
    security_events: SecurityEventStore
    open_flows: OpenFlows
    nodes: GraphUserStore
    presence: Presence


def open_users(opening: Opening, journal: JournalStores, inbox: Inbox) -> UserStores:
    """Return the stores of users. `inbox`: where their events become notifications."""
    clients = opening.clients
    database, occurrences = clients.database, journal.occurrences
    head = AccessHead(clients.mongo, database)
    guard = AccessGuard(database, head)
    events = SecurityEventStore(clients.mongo, database, inbox, occurrences)
    return UserStores(
        users=UserStore(database),
        profiles=ProfileStore(clients.mongo, database, occurrences),
        roles=RoleStore(database, events, head, guard),
        access_head=head,
        access_guard=guard,
        role_definitions=RoleDefinitionStore(database, occurrences, head, guard),
        role_holders=RoleHolders(database),
        permissions=PermissionStore(database, occurrences, head, guard),
        grants=GrantStore(clients.mongo, database, events, occurrences, head, guard),
        security_events=events,
        open_flows=OpenFlows(opening.cipher(KeyLabel.SEALED)),
        nodes=GraphUserStore(clients.neo4j),
        presence=Presence(clients.redis, USER_SOCKETS, opening.process),
    )
