"""Stores of accounts: registration, changes of identifiers, export, deletion and erasure."""

from dataclasses import dataclass

from adapters.crypto.keys import KeyLabel
from adapters.mongo.accounts.account_deletion import DeletionStore
from adapters.mongo.accounts.address_holders import AddressHolders
from adapters.mongo.accounts.email_change import EmailChangeStore
from adapters.mongo.accounts.email_revert import EmailRevertStore
from adapters.mongo.accounts.erasure import PersonalDocuments
from adapters.mongo.accounts.open_changes import OpenChanges
from adapters.mongo.accounts.personal_records import PersonalRecords
from adapters.mongo.accounts.registration import RegistrationStore
from adapters.mongo.accounts.tombstones import TombstoneStore
from adapters.mongo.accounts.username_change import UsernameChangeStore
from adapters.mongo.schema import COLLECTIONS
from adapters.neo4j.accounts.erasure import UserNodeErasure
from adapters.neo4j.accounts.personal_edges import PersonalEdges
from adapters.redis.erasure import PersonalKeys
from adapters.stores.auth import AuthStores
from adapters.stores.journal import JournalStores
from adapters.stores.opening import Opening
from adapters.stores.users import UserStores
from adapters.temporal.pending_flows import PendingFlows


@dataclass(frozen=True)
class AccountStores:
    """The `personal_…` stores find everything held about one user, store by store, for export and erasure."""

    address_holders: AddressHolders
    registrations: RegistrationStore
    open_changes: OpenChanges
    username_changes: UsernameChangeStore
    email_changes: EmailChangeStore
    email_reverts: EmailRevertStore
    deletions: DeletionStore
    tombstones: TombstoneStore
    personal_records: PersonalRecords
    personal_documents: PersonalDocuments
    personal_edges: PersonalEdges
    personal_node: UserNodeErasure
    personal_keys: PersonalKeys
    pending_flows: PendingFlows


def open_accounts(opening: Opening, journal: JournalStores, users: UserStores, auth: AuthStores) -> AccountStores:
    """Return the stores of accounts. They share stores of `users` and `auth`."""
    clients, hashes = opening.clients, opening.hashes
    mongo, database, events = clients.mongo, clients.database, users.security_events
    open_changes = OpenChanges(database, opening.cipher(KeyLabel.SEALED))
    address_holders = AddressHolders(database, hashes, opening.cipher(KeyLabel.SEALED))
    return AccountStores(
        address_holders=address_holders,
        registrations=RegistrationStore(mongo, database, auth.sign_ins, journal.occurrences, hashes),
        open_changes=open_changes,
        username_changes=UsernameChangeStore(mongo, database, events, open_changes, hashes),
        email_changes=EmailChangeStore(mongo, database, events, auth.sessions, open_changes, address_holders, hashes),
        email_reverts=EmailRevertStore(mongo, database, events, auth.sessions, hashes),
        deletions=DeletionStore(mongo, database, events, auth.sessions, users.access_guard),
        tombstones=TombstoneStore(mongo, database, journal.occurrences, opening.cipher(KeyLabel.SEALED)),
        personal_records=PersonalRecords(database, COLLECTIONS, opening.cipher(KeyLabel.WORDS)),
        personal_documents=PersonalDocuments(database, COLLECTIONS),
        personal_edges=PersonalEdges(clients.neo4j),
        personal_node=UserNodeErasure(clients.neo4j),
        personal_keys=PersonalKeys(clients.redis),
        pending_flows=PendingFlows(clients.temporal),
    )
