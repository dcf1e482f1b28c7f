"""Notifications: one entity per person, the only writer of what they are told. Intents wake it, it carries them out."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, WorkflowAlreadyStartedError

from activities.notifications import NotificationActivities, NotificationsOrder, PushNotifications
from workflows.options import PUSH, STORE
from workflows.queues import Queue
from workflows.steps import quick_step

IDLE = timedelta(seconds=60)
PUSH_FOR = timedelta(seconds=60)
"""After that the gateways find it by themselves: they compare with the store."""
SUMMARY = "Stores one person's notifications and tells the gateways"


def notifications_id(user_key: str) -> str:
    return f"notifications/{user_key}"


def notifications_of(user_id: str, user_key: str) -> NotificationsOrder:
    """The order of an entity, for who starts one from outside."""
    return NotificationsOrder(user_id, user_key)


@workflow.defn(name="Notifications")
class Notifications:
    @workflow.init
    def __init__(self, order: NotificationsOrder) -> None:
        self._is_woken = True
        self._stored = self._pushed = 0

    @workflow.signal
    def woken(self) -> None:
        """Something is owed; what it is, is read from the intents, not from messages."""
        self._is_woken = True

    @workflow.run
    async def run(self, order: NotificationsOrder) -> None:
        """Carry out what is owed until nothing has been for a minute."""
        pushing = asyncio.create_task(self._push_on(order.user_id))
        while await self._is_wanted():
            await self._carry_out(order.user_id)
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(lambda: self._is_told)
                workflow.continue_as_new(order)
        pushing.cancel()

    @property
    def _is_told(self) -> bool:
        """Whether the gateways know all that is stored, or were left to find it."""
        return self._pushed == self._stored

    async def _is_wanted(self) -> bool:
        try:
            await workflow.wait_condition(lambda: self._is_woken, timeout=IDLE)
        except TimeoutError:
            return not self._is_told
        return True

    async def _carry_out(self, user_id: str) -> None:
        """Batch after batch. An outage of Redis holds up no storing."""
        is_full = True
        while is_full:
            self._is_woken = False
            stored = await quick_step(NotificationActivities.store, user_id, STORE)
            self._stored = stored.last_seq or self._stored
            is_full = stored.is_full

    async def _push_on(self, user_id: str) -> None:
        """Tell how far the store goes, each time it has grown."""
        while True:
            await workflow.wait_condition(lambda: not self._is_told)
            seq = self._stored
            try:
                push = PushNotifications(user_id, seq)
                await quick_step(NotificationActivities.push, push, PUSH, give_up_at=workflow.now() + PUSH_FOR)
            except ActivityError:
                workflow.logger.warning("push given up: the gateways will find it")
            self._pushed = seq


async def wake_notifications(order: NotificationsOrder) -> None:
    """Wake the person's entity, or start it. Safe to call twice.

    Should it end in this very moment, the intents remain open and the sweep starts it again.
    """
    try:
        await workflow.start_child_workflow(
            Notifications.run,
            order,
            id=notifications_id(order.user_key),
            task_queue=Queue.NOTIFY,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary=SUMMARY,
        )
    except WorkflowAlreadyStartedError:
        await _wake(order)


async def _wake(order: NotificationsOrder) -> None:
    entity = workflow.get_external_workflow_handle_for(Notifications.run, notifications_id(order.user_key))
    try:
        await entity.signal(Notifications.woken)
    except ApplicationError:
        workflow.logger.info("notifications have just ended; their intents stay open for the sweep")
