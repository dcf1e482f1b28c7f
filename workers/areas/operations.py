"""Workflows and activities of operations."""

from collections.abc import Mapping, Sequence

from activities.operations.audit_verify import AuditVerifyActivities
from activities.operations.chat_upkeep import ChatUpkeepActivities
from activities.operations.graph_rebuild import GraphRebuildActivities
from activities.operations.graph_reconcile import GraphReconcileActivities
from activities.operations.graph_sync_drain import GraphSyncDrainActivities
from activities.operations.journal_checkpoint import JournalCheckpointActivities
from activities.operations.journal_verification import JournalSources
from activities.operations.notification_drain import NotificationDrainActivities
from activities.operations.sweep import SweepActivities
from adapters.failures import is_unavailable
from adapters.resources import Resources
from workers.hosted import Hosted
from workflows.operations.audit_verify import AuditVerify
from workflows.operations.graph_rebuild import GraphRebuild
from workflows.operations.graph_reconcile import GraphReconcile
from workflows.operations.intent_drain import IntentDrain
from workflows.operations.journal_checkpoint import JournalCheckpoint
from workflows.operations.sweep import Sweep
from workflows.queues import Queue

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.GRAPH: [GraphReconcile, GraphRebuild, IntentDrain],
    Queue.NOTIFY: [IntentDrain],
    Queue.BULK: [Sweep, JournalCheckpoint, AuditVerify],
}


def hosted(resources: Resources) -> Sequence[Hosted]:
    """Return the activities of operations with their queues."""
    return [_graph(resources), *_drains(resources), _sweep(resources), _chats(resources), _journal(resources)]


def _graph(resources: Resources) -> Hosted:
    stores = resources.operations
    reconcile = GraphReconcileActivities(
        accounts=stores.projected_accounts,
        nodes=stores.projected_nodes,
        tombstones=resources.accounts.tombstones,
        erasure=resources.accounts.personal_node,
        reports=stores.graph_reports,
        hashes=resources.hashes,
    )
    rebuild = GraphRebuildActivities(stores.projected_accounts, stores.projected_nodes)
    return Hosted(Queue.GRAPH, [reconcile.compare, reconcile.save_report, rebuild.project])


def _drains(resources: Resources) -> Sequence[Hosted]:
    users, stores = resources.users, resources.notifications
    graph_sync = GraphSyncDrainActivities(users.users, users.nodes, is_unavailable)
    notifications = NotificationDrainActivities(
        stores.batches,
        stores.notifications,
        users.users,
        users.security_events,
        resources.social.pending_follows,
        stores.publisher,
        is_unavailable,
    )
    return [
        Hosted(Queue.GRAPH, [graph_sync.drain]),
        Hosted(Queue.NOTIFY, [notifications.drain_events, notifications.drain_follows]),
    ]


def _sweep(resources: Resources) -> Hosted:
    sweep = SweepActivities(
        resources.users.users,
        resources.delivery.mails,
        resources.users.security_events,
        resources.accounts.deletions,
        resources.hashes,
        resources.social.pending_follows,
        resources.journal.numbering,
    )
    return Hosted(
        Queue.BULK,
        [
            sweep.find_open_syncs,
            sweep.find_unsynced,
            sweep.find_unnotified_of_events,
            sweep.find_unnotified_of_follows,
            sweep.find_open_notices,
            sweep.find_open_deletions,
            sweep.find_unnotified,
            sweep.find_pending_follows,
            sweep.find_unnumbered,
            sweep.drop_mail_contents,
        ],
    )


def _chats(resources: Resources) -> Hosted:
    upkeep = ChatUpkeepActivities(resources.assistant.upkeep, resources.hashes)
    return Hosted(Queue.BULK, [upkeep.find_waiting, upkeep.drop_words])


def _journal(resources: Resources) -> Hosted:
    stores, hashes = resources.journal, resources.hashes
    checkpoint = JournalCheckpointActivities(
        stores.journal,
        stores.chain,
        stores.checkpoints,
        stores.checkpoint_tokens,
        stores.anchor_file,
        stores.occurrences,
        hashes,
        stores.auditors,
    )
    sources = JournalSources(
        stores.journal, stores.chain, stores.checkpoints, stores.checkpoint_tokens, stores.anchor_file
    )
    verify = AuditVerifyActivities(sources, stores.occurrences, hashes, stores.auditors)
    return Hosted(
        Queue.BULK,
        [
            checkpoint.sign,
            checkpoint.record_occurrence,
            checkpoint.append,
            checkpoint.record_anchors,
            verify.verify,
            verify.report,
        ],
    )
