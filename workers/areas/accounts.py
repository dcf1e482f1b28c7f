"""Workflows and activities of accounts: registration and changes on the identity queue, long jobs on bulk."""

from collections.abc import Mapping, Sequence
from functools import partial

from activities.accounts.account_deletion import AccountDeletionActivities
from activities.accounts.account_export import AccountExportActivities
from activities.accounts.email_change import EmailChangeActivities
from activities.accounts.email_revert import EmailRevertActivities
from activities.accounts.erasure import ErasureActivities
from activities.accounts.registration import RegistrationActivities
from activities.accounts.username_change import UsernameChangeActivities
from adapters.resources import Resources
from domain.intents import IntentKind
from workers.hosted import Hosted
from workflows.accounts.account_deletion import AccountDeletion
from workflows.accounts.account_export import AccountExport
from workflows.accounts.email_change import EmailChange
from workflows.accounts.email_revert import EmailRevert
from workflows.accounts.registration import Registration
from workflows.accounts.username_change import UsernameChange
from workflows.queues import Queue

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.IDENTITY: [
        Registration,
        UsernameChange,
        EmailChange,
        EmailRevert,
    ],
    Queue.BULK: [AccountDeletion, AccountExport],
}


def hosted(resources: Resources) -> Sequence[Hosted]:
    """Return the activities of accounts with their queues."""
    return [_registration(resources), _changes(resources), _deletion(resources), _export(resources)]


def _registration(resources: Resources) -> Hosted:
    registration = RegistrationActivities(
        resources.accounts.registrations,
        resources.accounts.address_holders,
        resources.users.users,
        resources.hashes,
        resources.codes,
        partial(resources.intent_waker.wake, IntentKind.GRAPH_SYNC),
        max_slots=resources.policies.open_holds,
    )
    return Hosted(
        Queue.IDENTITY,
        [
            registration.begin,
            registration.finish,
            registration.hold_username,
            registration.reserve_slot,
            registration.release_username,
            registration.create_account,
        ],
    )


def _changes(resources: Resources) -> Hosted:
    stores, invalidations, hashes = resources.accounts, resources.auth.session_invalidations, resources.hashes
    codes, wake_graph_sync = resources.codes, partial(resources.intent_waker.wake, IntentKind.GRAPH_SYNC)
    username_change = UsernameChangeActivities(stores.username_changes, invalidations, hashes, codes, wake_graph_sync)
    email_change = EmailChangeActivities(stores.email_changes, stores.address_holders, invalidations, hashes, codes)
    email_revert = EmailRevertActivities(stores.email_reverts, invalidations, hashes, codes)
    return Hosted(
        Queue.IDENTITY,
        [
            username_change.begin,
            username_change.finish,
            username_change.apply,
            username_change.release,
            email_change.begin,
            email_change.find_address_holder,
            email_change.finish,
            email_change.apply,
            email_change.release,
            email_revert.finish,
            email_revert.revert,
        ],
    )


def _deletion(resources: Resources) -> Hosted:
    stores, users = resources.accounts, resources.users
    deletion = AccountDeletionActivities(stores.deletions, users.users, users.nodes, resources.social.follows)
    erasure = ErasureActivities(
        deletions=stores.deletions,
        tombstones=stores.tombstones,
        documents=stores.personal_documents,
        graph_node=stores.personal_node,
        mentions=resources.social.snapshot_mentions,
        redis_keys=stores.personal_keys,
        words=resources.journal.subject_words,
        hashes=resources.hashes,
    )
    return Hosted(
        Queue.BULK,
        [
            deletion.get_deletion,
            deletion.hide,
            deletion.show,
            deletion.close_intent,
            erasure.write_tombstone,
            erasure.erase,
            erasure.goodbye_mail,
            erasure.finish,
        ],
    )


def _export(resources: Resources) -> Hosted:
    stores = resources.accounts
    export = AccountExportActivities(
        exports=resources.exports,
        users=resources.users.users,
        events=resources.users.security_events,
        records=stores.personal_records,
        edges=stores.personal_edges,
        words=resources.journal.subject_words,
        flows=stores.pending_flows,
        hashes=resources.hashes,
    )
    return Hosted(Queue.BULK, [export.begin, export.gather, export.finish, export.drop])
