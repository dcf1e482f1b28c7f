"""The table of everything that can run: queue → workflows and activities."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from activities.accounts.account_deletion import AccountDeletionActivities
from activities.accounts.account_export import AccountExportActivities
from activities.accounts.email_change import EmailChangeActivities
from activities.accounts.email_revert import EmailRevertActivities
from activities.accounts.erasure import ErasureActivities
from activities.accounts.registration import RegistrationActivities
from activities.accounts.username_change import UsernameChangeActivities
from activities.auth.password_reset import PasswordResetActivities
from activities.auth.sign_in import SignInActivities
from activities.auth.two_factor import TwoFactorActivities
from activities.codes import CodeActivities
from activities.delivery.mail import MailActivities
from activities.notifications.notifications import NotificationActivities
from activities.operations.graph_rebuild import GraphRebuildActivities
from activities.operations.graph_reconcile import GraphReconcileActivities
from activities.operations.sweep import SweepActivities
from activities.social.follower_snapshots import FollowerSnapshotActivities
from activities.users.graph_sync import GraphSyncActivities
from activities.users.security_notices import NoticeActivities
from adapters.resources import Resources
from workflows.accounts.account_deletion import AccountDeletion
from workflows.accounts.account_export import AccountExport
from workflows.accounts.email_change import EmailChange
from workflows.accounts.email_revert import EmailRevert
from workflows.accounts.registration import Registration
from workflows.accounts.username_change import UsernameChange
from workflows.auth.password_reset import PasswordReset
from workflows.auth.sign_in import SignIn
from workflows.delivery.mail import Mail
from workflows.notifications.notifications import Notifications
from workflows.operations.graph_rebuild import GraphRebuild
from workflows.operations.graph_reconcile import GraphReconcile
from workflows.operations.sweep import Sweep
from workflows.queues import Queue
from workflows.social.follower_snapshots import FollowerSnapshots
from workflows.users.graph_sync import GraphSync
from workflows.users.security_notices import Notice


@dataclass(frozen=True)
class Shift:
    """What the worker of one queue hosts, and how many activities it runs at a time."""

    workflows: Sequence[type]
    activities: Sequence[Callable[..., Any]]
    slots: int


WORKFLOWS: Sequence[type] = (
    Registration,
    SignIn,
    PasswordReset,
    AccountDeletion,
    AccountExport,
    UsernameChange,
    EmailChange,
    EmailRevert,
    Notice,
    Mail,
    GraphSync,
    GraphReconcile,
    GraphRebuild,
    FollowerSnapshots,
    Notifications,
    Sweep,
)


def shifts(resources: Resources) -> dict[Queue, Shift]:
    """Every queue with its work."""
    return {
        Queue.IDENTITY: _identity(resources),
        Queue.MAIL: _mail(resources),
        Queue.GRAPH: _graph(resources),
        Queue.NOTIFY: _notify(resources),
        Queue.BULK: _bulk(resources),
    }


def _identity(resources: Resources) -> Shift:
    hashes, hints = resources.hashes, resources.session_hints
    registration = RegistrationActivities(
        resources.registrations, resources.users, hashes, places=resources.policies.open_holds
    )
    codes = CodeActivities(resources.codes)
    two_factor = TwoFactorActivities(resources.two_factors, hashes)
    sign_in = SignInActivities(resources.sessions, resources.security_events, hints, hashes)
    password_reset = PasswordResetActivities(resources.password_hashes, hints, hashes)
    username_change = UsernameChangeActivities(resources.username_changes, hints, hashes)
    email_change = EmailChangeActivities(resources.email_changes, hints, hashes)
    email_revert = EmailRevertActivities(resources.email_reverts, hints, hashes)
    notices = NoticeActivities(resources.security_events, resources.users)
    return Shift(
        [
            Registration,
            SignIn,
            PasswordReset,
            UsernameChange,
            EmailChange,
            EmailRevert,
            Notice,
        ],
        [
            registration.hold_username,
            registration.take_place,
            registration.release_username,
            registration.create_account,
            codes.check,
            two_factor.judge,
            two_factor.take,
            sign_in.open_session,
            sign_in.note_abandoned,
            password_reset.change,
            username_change.begin,
            username_change.swap,
            username_change.release,
            email_change.begin,
            email_change.find_taken,
            email_change.swap,
            email_change.release,
            email_revert.revert,
            notices.write,
            notices.close,
        ],
        slots=100,
    )


def _mail(resources: Resources) -> Shift:
    """As many slots as there are connections to the mail server."""
    mail = MailActivities(
        mails=resources.mails,
        renderer=resources.renderer,
        smtp=resources.smtp,
        codes=resources.codes,
        hashes=resources.hashes,
        rates=resources.rate_limits,
        caps=resources.policies.mails if resources.policies.is_on else (),
    )
    return Shift([Mail], [mail.record, mail.send, mail.give_up], slots=resources.smtp.connections)


def _graph(resources: Resources) -> Shift:
    graph_sync = GraphSyncActivities(resources.users, resources.graph.users)
    projection = resources.projection
    reconcile = GraphReconcileActivities(
        accounts=projection.accounts,
        nodes=projection.nodes,
        tombstones=resources.tombstones,
        erasure=resources.personal.node,
        reports=projection.reports,
        hashes=resources.hashes,
    )
    rebuild = GraphRebuildActivities(projection.accounts, projection.nodes)
    return Shift(
        [GraphSync, GraphReconcile, GraphRebuild],
        [graph_sync.project, graph_sync.mark_synced, reconcile.compare, reconcile.file, rebuild.project],
        slots=50,
    )


def _notify(resources: Resources) -> Shift:
    notifications = NotificationActivities(
        resources.notifications, resources.users, resources.graph.owed_follows, resources.pushes
    )
    return Shift(
        [Notifications],
        [notifications.store, notifications.store_follows, notifications.close_follows, notifications.push],
        slots=50,
    )


def _bulk(resources: Resources) -> Shift:
    sweep = SweepActivities(
        resources.users,
        resources.mails,
        resources.security_events,
        resources.deletions,
        resources.hashes,
        resources.graph.owed_follows,
    )
    deletion = AccountDeletionActivities(
        resources.deletions, resources.users, resources.graph.users, resources.graph.follows
    )
    erasure = ErasureActivities(
        deletions=resources.deletions,
        tombstones=resources.tombstones,
        documents=resources.personal.documents,
        node=resources.personal.node,
        traces=resources.personal.traces,
        keys=resources.personal.keys,
        hashes=resources.hashes,
    )
    export = AccountExportActivities(
        exports=resources.exports,
        users=resources.users,
        events=resources.security_events,
        records=resources.personal.records,
        edges=resources.personal.edges,
        flows=resources.personal.flows,
        hashes=resources.hashes,
    )
    snapshots = FollowerSnapshotActivities(
        resources.graph.followers, resources.snapshots.days, resources.personal.traces
    )
    return Shift(
        [Sweep, AccountDeletion, AccountExport, FollowerSnapshots],
        [
            sweep.find_open_syncs,
            sweep.find_open_notices,
            sweep.find_open_deletions,
            sweep.find_untold,
            sweep.find_owed_follows,
            sweep.drop_mail_contents,
            deletion.look,
            deletion.hide,
            deletion.show,
            deletion.close_intent,
            erasure.bury,
            erasure.erase,
            erasure.farewell,
            erasure.finish,
            export.begin,
            export.gather,
            export.finish,
            export.drop,
            snapshots.take,
        ],
        slots=8,
    )
