"""Produces each outcome of background workflows: mails, graph syncs, notices, sweeps."""

from collections.abc import Mapping
from datetime import timedelta

from temporalio.client import WorkflowHandle

from activities.auth.key_upkeep import Reminders
from activities.codes import CodeIssue
from activities.delivery.mail import MailInput
from activities.journal.journal import KeepNumbering
from activities.journal.trim import Trimmed
from activities.notifications.notifications import NotificationsInput, StoredNotifications
from activities.operations.intent_drain import Drained
from activities.operations.sweep import OpenNotifications, OpenSyncs
from activities.users.graph_sync import GraphSyncInput
from activities.users.security_notices import NoticeInput
from domain.codes import CodePurpose
from domain.delivery.mail import MailKind, MailState
from domain.intents import IntentKind, Shard
from tests.replay.scene import Outcome, Scene
from tests.workflows.fakes.failures import MONGO_AWAY, NEO4J_AWAY, REDIS_AWAY, SMTP_AWAY
from workflows.auth.key_upkeep import KeyUpkeep
from workflows.delivery.mail import Mail, mail_workflow_id
from workflows.journal import journal
from workflows.journal.journal import Journal
from workflows.journal.trim import JournalTrim
from workflows.notifications.notifications import Notifications, notifications_workflow_id
from workflows.operations.intent_drain import IntentDrain
from workflows.operations.sweep import Sweep
from workflows.queues import Queue
from workflows.users.access_upkeep import AccessUpkeep
from workflows.users.graph_sync import GraphSync, graph_sync_workflow_id
from workflows.users.security_notices import Notice, notice_workflow_id

ORDER = GraphSyncInput(user_id="5f" * 12, user_key="a-users-key")
SHARD = Shard(IntentKind.GRAPH_SYNC, 0)
EVENTS = Shard(IntentKind.EVENT_NOTIFICATIONS, 0)
FOLLOWS = Shard(IntentKind.FOLLOW_NOTIFICATIONS, 0)
TOLD = NotificationsInput(user_id="5f" * 12, user_key="a-users-key")
EVENT = NoticeInput(event_id="ee" * 12, event_key="an-events-key")


async def accepted(scene: Scene) -> str:
    return await _mailed(scene, MailInput("ann.welcome", MailKind.WELCOME_MESSAGE, "ann@people.test"))


async def bounced(scene: Scene) -> str:
    scene.fakes.mail.sent.always_returns(lambda _: MailState.BOUNCED)
    return await accepted(scene)


async def given_up(scene: Scene) -> str:
    scene.fakes.mail.sent.always_fail(SMTP_AWAY)
    issue = CodeIssue("flow", CodePurpose.CREATE_ACCOUNT, "key", 1)
    give_up_at = await scene.clock.now() + timedelta(minutes=10)
    order = MailInput("ann.code-1", MailKind.CREATE_ACCOUNT, "ann@people.test", code=issue, give_up_at=give_up_at)
    return await _mailed(scene, order)


async def given_up_after_days(scene: Scene) -> str:
    scene.fakes.mail.sent.always_fail(SMTP_AWAY)
    order = MailInput("ann.welcome", MailKind.WELCOME_MESSAGE, "ann@people.test")
    return await _mailed(scene, order, step=timedelta(days=2))


async def idle(scene: Scene) -> str:
    """Changed once more before the projection was noted, then left in peace."""
    scene.fakes.graph_sync.marked.returns_next(lambda _: False)
    workflow_id = graph_sync_workflow_id(ORDER.user_key)
    run = await scene.client.start_workflow(GraphSync.run, ORDER, id=workflow_id, task_queue=Queue.GRAPH)
    await run.signal(GraphSync.account_changed)
    await scene.clock.advance_until(run.result(), step=timedelta(minutes=1))
    return workflow_id


async def told(scene: Scene) -> str:
    workflow_id = notice_workflow_id(EVENT.event_key)
    run = await scene.client.start_workflow(Notice.run, EVENT, id=workflow_id, task_queue=Queue.IDENTITY)
    await run.result()
    return workflow_id


async def without_mail(scene: Scene) -> str:
    scene.fakes.notices.written.always_returns(lambda _: None)
    return await told(scene)


async def drained(scene: Scene) -> str:
    """A full batch, one more, a server that is away and back, then left in peace."""
    scene.fakes.graph_sync.drained.returns_next(lambda _: Drained(is_full=True))
    run = await scene.client.start_workflow(IntentDrain.run, SHARD, id=SHARD.workflow_id, task_queue=Queue.GRAPH)
    await scene.fakes.graph_sync.drained.wait_called(times=2)
    scene.fakes.graph_sync.drained.fail(NEO4J_AWAY, times=8)
    await run.signal(IntentDrain.intents_opened)
    await scene.clock.advance_until(run.result(), step=timedelta(seconds=10))
    return run.id


async def swept_by_shards(scene: Scene) -> str:
    """One shard runs already, the other is started, and an account is set aside."""
    other = Shard(IntentKind.GRAPH_SYNC, 1)
    scene.fakes.sweep.found_unsynced.always_returns(lambda _: OpenSyncs([SHARD, other], [ORDER]))
    await scene.client.start_workflow(IntentDrain.run, SHARD, id=SHARD.workflow_id, task_queue=Queue.GRAPH)
    run = await scene.client.start_workflow(Sweep.run, id="sweep", task_queue=Queue.BULK)
    await run.result()
    return run.id


async def swept_by_shards_of_notifications(scene: Scene) -> str:
    scene.fakes.sweep.events_found.always_returns(lambda _: OpenNotifications([EVENTS], [TOLD]))
    scene.fakes.sweep.follows_found.always_returns(lambda _: OpenNotifications([FOLLOWS], [TOLD]))
    return await swept_by_shards(scene)


async def swept_with_journal(scene: Scene) -> str:
    """The entity of the journal has ended, and something has waited."""
    scene.fakes.sweep.found_unnumbered.always_returns(lambda _: True)
    return await swept_by_shards_of_notifications(scene)


async def numbered(scene: Scene) -> str:
    """The store is away for longer than the quiet tries; then all rounds of a run."""
    scene.fakes.journal.numbered.fail(MONGO_AWAY, times=8)
    run = await scene.client.start_workflow(
        Journal.run, KeepNumbering(), id=journal.WORKFLOW_ID, task_queue=Queue.JOURNAL
    )
    called = scene.fakes.journal.numbered.wait_called(times=9 + journal.ROUNDS)
    await scene.clock.advance_until(called, step=timedelta(seconds=10))
    scene.fakes.journal.numbered.hang()
    return run.id


async def trimmed(scene: Scene) -> str:
    scene.fakes.journal.trimmed.returns_next(lambda _: Trimmed(7, is_done=False))
    run = await scene.client.start_workflow(JournalTrim.run, id="journal-trim", task_queue=Queue.BULK)
    await run.result()
    return run.id


async def swept(scene: Scene) -> str:
    """One entity runs already, the other is started."""
    other = GraphSyncInput(user_id="6f" * 12, user_key="another-users-key")
    scene.fakes.sweep.found.always_returns(lambda _: [ORDER, other])
    await scene.client.start_workflow(
        GraphSync.run, ORDER, id=graph_sync_workflow_id(ORDER.user_key), task_queue=Queue.GRAPH
    )
    run = await scene.client.start_workflow(Sweep.run, id="sweep", task_queue=Queue.BULK)
    await run.result()
    return run.id


async def swept_with_notices(scene: Scene) -> str:
    scene.fakes.sweep.found_notices.always_returns(lambda _: [EVENT])
    return await swept(scene)


async def swept_with_notifications(scene: Scene) -> str:
    scene.fakes.sweep.found_unnotified.always_returns(lambda _: [TOLD])
    return await swept_with_notices(scene)


async def swept_with_follows(scene: Scene) -> str:
    scene.fakes.sweep.found_followed.always_returns(lambda _: [TOLD])
    return await swept_with_notices(scene)


async def told_in_the_app(scene: Scene) -> str:
    """Two batches, woken once more, then left in peace."""
    scene.fakes.notifications.has_pending(StoredNotifications(last_seq=100, is_full=True))
    scene.fakes.notifications.has_pending(StoredNotifications(last_seq=107, is_full=False))
    run = await _notifying(scene)
    await run.signal(Notifications.events_pending)
    await scene.clock.advance_until(run.result(), step=timedelta(minutes=1))
    return run.id


async def told_of_followers(scene: Scene) -> str:
    """More than a batch of them; then the graph is away, and the sweep will come back."""
    follows = scene.fakes.notifications.stored_follows
    follows.returns_next(
        lambda _: StoredNotifications(last_seq=100, is_full=True), lambda _: StoredNotifications(107, is_full=False)
    )
    run = await _notifying(scene)
    await scene.fakes.notifications.closed_follows.wait_called(times=2)
    follows.always_fail(NEO4J_AWAY)
    await run.signal(Notifications.follows_pending)
    await scene.clock.advance_until(run.result(), step=timedelta(seconds=10))
    return run.id


async def not_pushed(scene: Scene) -> str:
    """Redis is away for longer than any step waits."""
    scene.fakes.notifications.has_pending(StoredNotifications(last_seq=1, is_full=False))
    scene.fakes.notifications.pushed.always_fail(REDIS_AWAY)
    run = await _notifying(scene)
    await scene.clock.advance_until(run.result(), step=timedelta(seconds=10))
    return run.id


async def not_stored_for_long(scene: Scene) -> str:
    scene.fakes.notifications.stored.fail(MONGO_AWAY, times=8)
    run = await _notifying(scene)
    await scene.clock.advance_until(run.result(), step=timedelta(seconds=10))
    return run.id


async def _notifying(scene: Scene) -> WorkflowHandle[Notifications, None]:
    workflow_id = notifications_workflow_id(TOLD.user_key)
    return await scene.client.start_workflow(Notifications.run, TOLD, id=workflow_id, task_queue=Queue.NOTIFY)


async def upkept(scene: Scene) -> str:
    """Two batches of accounts with grants that have run out."""
    scene.fakes.access_upkeep.ended.returns_next(lambda _: True)
    run = await scene.client.start_workflow(AccessUpkeep.run, id="access-upkeep", task_queue=Queue.BULK)
    await run.result()
    return run.id


async def reminded(scene: Scene) -> str:
    """Two batches of keys that end soon, of which the first has a mail; its reminders cannot be closed for long."""
    mail = MailInput("key-reminder.a", MailKind.API_KEY_REMINDER, "ann@people.test")
    scene.fakes.key_upkeep.written.returns_next(lambda _: Reminders([mail], {"5f" * 12: None}, is_full=True))
    scene.fakes.key_upkeep.closed.fail(MONGO_AWAY, times=8)
    run = await scene.client.start_workflow(KeyUpkeep.run, id="key-upkeep", task_queue=Queue.BULK)
    await scene.clock.advance_until(run.result(), step=timedelta(seconds=10))
    return run.id


async def reminded_and_uses_dropped(scene: Scene) -> str:
    """The same mail, then two batches of keys whose old uses are dropped."""
    mail = MailInput("key-reminder.a", MailKind.API_KEY_REMINDER, "ann@people.test")
    scene.fakes.key_upkeep.written.returns_next(lambda _: Reminders([mail], {"5f" * 12: None}))
    scene.fakes.key_upkeep.dropped.returns_next(lambda _: "5f" * 12)
    run = await scene.client.start_workflow(KeyUpkeep.run, id="key-upkeep", task_queue=Queue.BULK)
    await run.result()
    return run.id


BACKGROUND: Mapping[str, Outcome] = {
    "access-upkeep-completed": upkept,
    "key-upkeep-blocked-and-recovered": reminded,
    "key-upkeep-dropped-uses": reminded_and_uses_dropped,
    "mail-accepted": accepted,
    "mail-bounced": bounced,
    "mail-given-up": given_up,
    "mail-given-up-after-days": given_up_after_days,
    "graph-sync-idle": idle,
    "graph-sync-acting-first": idle,
    "notice-told": told,
    "notice-without-mail": without_mail,
    "notifications-idle": told_in_the_app,
    "notifications-of-followers": told_of_followers,
    "notifications-not-pushed": not_pushed,
    "notifications-blocked-and-recovered": not_stored_for_long,
    "intent-drain-blocked-and-recovered": drained,
    "sweep-swept-by-shards": swept_by_shards,
    "sweep-swept-by-shards-of-notifications": swept_by_shards_of_notifications,
    "sweep-swept-with-journal": swept_with_journal,
    "journal-blocked-and-recovered": numbered,
    "journal-trim-trimmed": trimmed,
    "sweep-swept": swept,
    "sweep-swept-with-notices": swept_with_notices,
    "sweep-swept-with-notifications": swept_with_notifications,
    "sweep-swept-with-follows": swept_with_follows,
}


async def _mailed(scene: Scene, order: MailInput, *, step: timedelta = timedelta(minutes=1)) -> str:
    run = await scene.client.start_workflow(Mail.run, order, id=mail_workflow_id(order.key), task_queue=Queue.MAIL)
    await scene.clock.advance_until(run.result(), step=step)
    return run.id
