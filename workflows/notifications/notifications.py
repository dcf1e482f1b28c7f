"""Notifications: one entity per person, the only writer of what they are told. Intents wake it, it carries them out."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.notifications.notifications import (
    NotificationActivities,
    NotificationsInput,
    PushNotifications,
    StoredNotifications,
)
from workflows.activity_options import GRAPH, PUSH, STORE
from workflows.background import start_or_signal
from workflows.queues import Queue
from workflows.steps import run_inline_activity

IDLE_TIMEOUT = timedelta(seconds=60)
PUSH_TIMEOUT = timedelta(seconds=60)
"""After that the gateways find it by themselves: they compare with the store."""
FOLLOWS_TIMEOUT = timedelta(seconds=5)
SUMMARY = "Stores one person's notifications and tells the gateways"


def notifications_workflow_id(user_key: str) -> str:
    return f"notifications/{user_key}"


def notifications_input(user_id: str, user_key: str) -> NotificationsInput:
    """The order of an entity, for who starts one from outside."""
    return NotificationsInput(user_id, user_key)


@workflow.defn(name="Notifications")
class Notifications:
    @workflow.init
    def __init__(self, input: NotificationsInput) -> None:
        self._is_woken = self._is_followed = False
        self._stored = self._pushed = 0

    @workflow.signal(name="woken")
    def events_pending(self) -> None:
        """Something happened to the account; what it is, is read from the intents, not from messages."""
        self._is_woken = True

    @workflow.signal(name="followed")
    def follows_pending(self) -> None:
        """Somebody follows the person; who it is, is read from the edges."""
        self._is_followed = True

    @workflow.run
    async def run(self, input: NotificationsInput) -> None:
        """Carry out what is owed until nothing has been for a minute."""
        if not self._has_work:
            # Started without a word, by the sweep or by the run before: anything may be owed.
            self._is_woken = self._is_followed = True
        pushing = asyncio.create_task(self._retry_push(input.user_id))
        while await self._wait_for_work():
            await self._store_events(input.user_id)
            await self._store_follows(input.user_id)
            if workflow.info().is_continue_as_new_suggested():
                await workflow.wait_condition(lambda: self._is_pushed)
                workflow.continue_as_new(input)
        pushing.cancel()

    @property
    def _has_work(self) -> bool:
        return self._is_woken or self._is_followed

    @property
    def _is_pushed(self) -> bool:
        """Whether the gateways know all that is stored, or were left to find it."""
        return self._pushed == self._stored

    async def _wait_for_work(self) -> bool:
        try:
            await workflow.wait_condition(lambda: self._has_work, timeout=IDLE_TIMEOUT)
        except TimeoutError:
            return not self._is_pushed
        return True

    async def _store_events(self, user_id: str) -> None:
        """Batch after batch. An outage of Redis holds up no storing."""
        is_full = self._is_woken
        while is_full:
            self._is_woken = False
            stored = await run_inline_activity(NotificationActivities.store, user_id, STORE)
            self._record_stored(stored)
            is_full = stored.is_full

    async def _store_follows(self, user_id: str) -> None:
        """The same for new followers. An outage of Neo4j holds up nothing for long: the edges keep what is owed, and
        the sweep comes back.
        """
        is_full = self._is_followed
        while is_full:
            self._is_followed = False
            try:
                is_full = await self._store_follow_batch(user_id, workflow.now() + FOLLOWS_TIMEOUT)
            except ActivityError:
                workflow.logger.warning("follows left to the sweep")
                return

    async def _store_follow_batch(self, user_id: str, give_up_at: datetime) -> bool:
        """Whether there may be more. The edges are closed after the gateways were told: nobody waits for that."""
        stored = await run_inline_activity(NotificationActivities.store_follows, user_id, GRAPH, give_up_at=give_up_at)
        self._record_stored(stored)
        await run_inline_activity(NotificationActivities.close_follows, user_id, GRAPH, give_up_at=give_up_at)
        return stored.is_full

    def _record_stored(self, stored: StoredNotifications) -> None:
        self._stored = max(self._stored, stored.last_seq)
        if stored.is_pushed:
            self._pushed = self._stored

    async def _retry_push(self, user_id: str) -> None:
        """Tell how far the store goes, where storing could not."""
        while True:
            await workflow.wait_condition(lambda: not self._is_pushed)
            seq = self._stored
            try:
                push = PushNotifications(user_id, seq)
                await run_inline_activity(
                    NotificationActivities.push, push, PUSH, give_up_at=workflow.now() + PUSH_TIMEOUT
                )
            except ActivityError:
                workflow.logger.warning("push given up: the gateways will find it")
            self._pushed = max(self._pushed, seq)


async def start_or_wake_notifications(input: NotificationsInput) -> None:
    """Wake the person's entity, or start it. Safe to call twice."""
    await start_or_signal(
        Notifications.run,
        input,
        workflow_id=notifications_workflow_id(input.user_key),
        queue=Queue.NOTIFY,
        summary=SUMMARY,
        signals=[Notifications.events_pending, Notifications.follows_pending],
    )
