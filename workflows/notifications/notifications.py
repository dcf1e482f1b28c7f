"""Notifications: one entity per person, the only writer of what they are told. Intents wake it, it carries them out."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.notifications.notifications import (
    NotificationActivities,
    NotificationsOrder,
    PushNotifications,
    StoredNotifications,
)
from workflows.activity_options import GRAPH, PUSH, STORE
from workflows.background import start_or_signal
from workflows.queues import Queue
from workflows.steps import quick_step

IDLE = timedelta(seconds=60)
PUSH_FOR = timedelta(seconds=60)
"""After that the gateways find it by themselves: they compare with the store."""
FOLLOWS_FOR = timedelta(seconds=5)
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
        self._is_woken = self._is_followed = False
        self._stored = self._pushed = 0

    @workflow.signal(name="woken")
    def woken(self) -> None:
        """Something happened to the account; what it is, is read from the intents, not from messages."""
        self._is_woken = True

    @workflow.signal(name="followed")
    def followed(self) -> None:
        """Somebody follows the person; who it is, is read from the edges."""
        self._is_followed = True

    @workflow.run
    async def run(self, order: NotificationsOrder) -> None:
        """Carry out what is owed until nothing has been for a minute."""
        if not self._is_wanted:
            # Started without a word, by the sweep or by the run before: anything may be owed.
            self._is_woken = self._is_followed = True
        pushing = asyncio.create_task(self._push_on(order.user_id))
        while await self._gets_work():
            await self._tell_events(order.user_id)
            await self._tell_follows(order.user_id)
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(lambda: self._is_told)
                workflow.continue_as_new(order)
        pushing.cancel()

    @property
    def _is_wanted(self) -> bool:
        return self._is_woken or self._is_followed

    @property
    def _is_told(self) -> bool:
        """Whether the gateways know all that is stored, or were left to find it."""
        return self._pushed == self._stored

    async def _gets_work(self) -> bool:
        try:
            await workflow.wait_condition(lambda: self._is_wanted, timeout=IDLE)
        except TimeoutError:
            return not self._is_told
        return True

    async def _tell_events(self, user_id: str) -> None:
        """Batch after batch. An outage of Redis holds up no storing."""
        is_full = self._is_woken
        while is_full:
            self._is_woken = False
            stored = await quick_step(NotificationActivities.store, user_id, STORE)
            self._note(stored)
            is_full = stored.is_full

    async def _tell_follows(self, user_id: str) -> None:
        """The same for new followers. An outage of Neo4j holds up nothing for long: the edges keep what is owed, and
        the sweep comes back.
        """
        is_full = self._is_followed
        while is_full:
            self._is_followed = False
            try:
                is_full = await self._tell_some_follows(user_id, workflow.now() + FOLLOWS_FOR)
            except ActivityError:
                workflow.logger.warning("follows left to the sweep")
                return

    async def _tell_some_follows(self, user_id: str, give_up_at: datetime) -> bool:
        """Whether there may be more. The edges are closed after the gateways were told: nobody waits for that."""
        stored = await quick_step(NotificationActivities.store_follows, user_id, GRAPH, give_up_at=give_up_at)
        self._note(stored)
        await quick_step(NotificationActivities.close_follows, user_id, GRAPH, give_up_at=give_up_at)
        return stored.is_full

    def _note(self, stored: StoredNotifications) -> None:
        self._stored = max(self._stored, stored.last_seq)
        if stored.is_pushed:
            self._pushed = self._stored

    async def _push_on(self, user_id: str) -> None:
        """Tell how far the store goes, where storing could not."""
        while True:
            await workflow.wait_condition(lambda: not self._is_told)
            seq = self._stored
            try:
                push = PushNotifications(user_id, seq)
                await quick_step(NotificationActivities.push, push, PUSH, give_up_at=workflow.now() + PUSH_FOR)
            except ActivityError:
                workflow.logger.warning("push given up: the gateways will find it")
            self._pushed = max(self._pushed, seq)


async def wake_notifications(order: NotificationsOrder) -> None:
    """Wake the person's entity, or start it. Safe to call twice."""
    await start_or_signal(
        Notifications.run,
        order,
        workflow_id=notifications_id(order.user_key),
        queue=Queue.NOTIFY,
        summary=SUMMARY,
        signals=[Notifications.woken, Notifications.followed],
    )
