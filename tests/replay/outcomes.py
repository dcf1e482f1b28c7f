"""How each outcome of each workflow comes about. Played once to be recorded, never in a test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client

from activities.codes import CodeIssue
from activities.graph_sync import GraphSyncOrder
from activities.mail import MailOrder
from domain.codes import CodePurpose
from domain.mail import MailKind, MailState
from domain.registration import Creation
from tests.workflows.actor import WRONG
from tests.workflows.failures import MONGO_AWAY, SMTP_AWAY
from tests.workflows.fakes import Fakes, account_of
from tests.workflows.newcomer import PHONE, Newcomer
from tests.workflows.skipping import Clock
from workflows.graph_sync import GraphSync, graph_sync_id
from workflows.mail import Mail, mail_id
from workflows.queues import Queue
from workflows.sweep import Sweep

TEN_MINUTES = timedelta(minutes=10, seconds=1)
A_MINUTE = timedelta(seconds=61)
FIVE_QUIET_TRIES = timedelta(seconds=4)
ORDER = GraphSyncOrder(user_id="5f" * 12, user_key="a-users-key")


@dataclass(frozen=True)
class Scene:
    """A server of its own, workers on it with fake activities, and somebody who registers."""

    client: Client
    clock: Clock
    fakes: Fakes
    newcomer: Newcomer


async def completed(scene: Scene) -> str:
    await scene.newcomer.asks()
    await scene.newcomer.types(WRONG)
    await scene.newcomer.types(scene.newcomer.code())
    return await _ended(scene.newcomer)


async def completed_with_session(scene: Scene) -> str:
    await scene.newcomer.asks()
    await scene.newcomer.types(scene.newcomer.code(), PHONE)
    return await _ended(scene.newcomer)


async def completed_after_resend(scene: Scene) -> str:
    await scene.newcomer.asks()
    await scene.newcomer.waits_and_wants_another(A_MINUTE)
    await scene.newcomer.types(scene.newcomer.code(issue_no=1))
    await scene.newcomer.types(scene.newcomer.code(issue_no=2))
    return await _ended(scene.newcomer)


async def expired(scene: Scene) -> str:
    await scene.newcomer.asks()
    await scene.clock.passes(TEN_MINUTES)
    return await _ended(scene.newcomer)


async def locked(scene: Scene) -> str:
    await scene.newcomer.asks()
    await scene.newcomer.types_wrong(times=5)
    return await _ended(scene.newcomer)


async def cancelled(scene: Scene) -> str:
    await scene.newcomer.asks()
    await scene.newcomer.cancels()
    return await _ended(scene.newcomer)


async def username_taken(scene: Scene) -> str:
    scene.fakes.registration.hold.always_answers(lambda _: False)
    await scene.newcomer.asks()
    return await _ended(scene.newcomer)


async def username_lost(scene: Scene) -> str:
    scene.fakes.registration.create.always_answers(lambda create: account_of(create, Creation.USERNAME_TAKEN))
    await scene.newcomer.asks()
    await scene.newcomer.types(scene.newcomer.code())
    return await _ended(scene.newcomer)


async def address_lost(scene: Scene) -> str:
    scene.fakes.registration.create.always_answers(lambda create: account_of(create, Creation.EMAIL_TAKEN))
    await scene.newcomer.asks()
    await scene.newcomer.types(scene.newcomer.code())
    await scene.clock.passes(TEN_MINUTES)
    return await _ended(scene.newcomer)


async def known_address(scene: Scene) -> str:
    scene.newcomer.is_known = True
    await scene.newcomer.asks()
    await scene.newcomer.types(scene.newcomer.code())
    await scene.newcomer.waits_and_wants_another(A_MINUTE)
    await scene.clock.passes(TEN_MINUTES)
    return await _ended(scene.newcomer)


async def blocked_and_recovered(scene: Scene) -> str:
    await scene.newcomer.asks()
    scene.fakes.registration.create.fails(MONGO_AWAY, times=12)
    typing = await scene.newcomer.begins_to_type(scene.newcomer.code())
    await scene.clock.passes(FIVE_QUIET_TRIES)
    assert await scene.newcomer.blocked_on() == "mongo"
    await scene.clock.until(typing.result())
    return await _ended(scene.newcomer)


async def accepted(scene: Scene) -> str:
    return await _mailed(scene, MailOrder("ann.welcome", MailKind.WELCOME_MESSAGE, "ann@people.test"))


async def bounced(scene: Scene) -> str:
    scene.fakes.mail.sent.always_answers(lambda _: MailState.BOUNCED)
    return await accepted(scene)


async def given_up(scene: Scene) -> str:
    scene.fakes.mail.sent.always_fails(SMTP_AWAY)
    issue = CodeIssue("flow", CodePurpose.CREATE_ACCOUNT, "key", 1)
    give_up_at = await scene.clock.now() + timedelta(minutes=10)
    order = MailOrder("ann.code-1", MailKind.CREATE_ACCOUNT, "ann@people.test", code=issue, give_up_at=give_up_at)
    return await _mailed(scene, order)


async def idle(scene: Scene) -> str:
    """Changed once more before the projection was noted, then left in peace."""
    scene.fakes.graph_sync.marked.answers_next(lambda _: False)
    workflow_id = graph_sync_id(ORDER.user_key)
    run = await scene.client.start_workflow(GraphSync.run, ORDER, id=workflow_id, task_queue=Queue.GRAPH)
    await run.signal(GraphSync.changed)
    await scene.clock.until(run.result(), step=timedelta(minutes=1))
    return workflow_id


async def swept(scene: Scene) -> str:
    """One entity runs already, the other is started."""
    other = GraphSyncOrder(user_id="6f" * 12, user_key="another-users-key")
    scene.fakes.sweep.found.always_answers(lambda _: [ORDER, other])
    await scene.client.start_workflow(GraphSync.run, ORDER, id=graph_sync_id(ORDER.user_key), task_queue=Queue.GRAPH)
    run = await scene.client.start_workflow(Sweep.run, id="sweep", task_queue=Queue.BULK)
    await run.result()
    return run.id


OUTCOMES: dict[str, Callable[[Scene], Awaitable[str]]] = {
    "registration-completed": completed,
    "registration-completed-with-session": completed_with_session,
    "registration-completed-after-resend": completed_after_resend,
    "registration-expired": expired,
    "registration-locked": locked,
    "registration-cancelled": cancelled,
    "registration-username-taken": username_taken,
    "registration-username-lost": username_lost,
    "registration-address-lost": address_lost,
    "registration-known-address": known_address,
    "registration-blocked-and-recovered": blocked_and_recovered,
    "mail-accepted": accepted,
    "mail-bounced": bounced,
    "mail-given-up": given_up,
    "graph-sync-idle": idle,
    "sweep-swept": swept,
}
"""File name → how it comes about. Each returns the id of the workflow whose history is kept."""


async def _ended(newcomer: Newcomer) -> str:
    await newcomer.end()
    return newcomer.workflow_id


async def _mailed(scene: Scene, order: MailOrder) -> str:
    run = await scene.client.start_workflow(Mail.run, order, id=mail_id(order.key), task_queue=Queue.MAIL)
    await scene.clock.until(run.result(), step=timedelta(minutes=1))
    return run.id
