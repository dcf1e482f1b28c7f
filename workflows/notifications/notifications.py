"""Notifications: one entity per user, which stores what a shard could not store in its batch. It ends when idle."""

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
"""After that the gateways find new notifications by themselves: they compare with the store."""
FOLLOWS_TIMEOUT = timedelta(seconds=5)
SUMMARY = "Stores one person's notifications and tells the gateways"


def notifications_workflow_id(user_key: str) -> str:
    """Return the workflow id of a user's entity; `user_key` is the keyed hash of the user id."""
    return f"notifications/{user_key}"


@workflow.defn(name="Notifications")
class Notifications:
    """Stores one user's notifications and publishes them to the gateways. Ends after an idle minute."""

    @workflow.init
    def __init__(self, input: NotificationsInput) -> None:
        self._is_woken = self._is_followed = False
        self._stored = self._pushed = 0

    @workflow.signal(name="woken")
    def events_pending(self) -> None:
        """Wake the entity for new events of the account, which it reads from the store, not from the signal."""
        self._is_woken = True

    @workflow.signal(name="followed")
    def follows_pending(self) -> None:
        """Wake the entity for new followers, which it reads from the edges in the graph."""
        self._is_followed = True

    @workflow.run
    async def run(self, input: NotificationsInput) -> None:
        """Store and publish pending notifications until there has been no work for a minute."""
        if not self._has_work:
            # Started without a signal, by the sweep or by the previous run: events and follows may be pending.
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
        """Whether all that is stored was published, or its publishing was given up."""
        return self._pushed == self._stored

    async def _wait_for_work(self) -> bool:
        try:
            await workflow.wait_condition(lambda: self._has_work, timeout=IDLE_TIMEOUT)
        except TimeoutError:
            return not self._is_pushed
        return True

    async def _store_events(self, user_id: str) -> None:
        """Store pending events batch by batch. An outage of Redis does not delay this."""
        is_full = self._is_woken
        while is_full:
            self._is_woken = False
            stored = await run_inline_activity(NotificationActivities.store, user_id, STORE)
            self._record_stored(stored)
            is_full = stored.is_full

    async def _store_follows(self, user_id: str) -> None:
        """Store pending follows batch by batch, for 5 s per batch at most.

        An outage of Neo4j does not block the entity: the edges stay pending, and the sweep wakes it again.
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
        """Store one batch. Returns whether there may be more. The edges are closed last, as no user waits for that."""
        stored = await run_inline_activity(NotificationActivities.store_follows, user_id, GRAPH, give_up_at=give_up_at)
        self._record_stored(stored)
        await run_inline_activity(NotificationActivities.close_follows, user_id, GRAPH, give_up_at=give_up_at)
        return stored.is_full

    def _record_stored(self, stored: StoredNotifications) -> None:
        self._stored = max(self._stored, stored.last_seq)
        if stored.is_pushed:
            self._pushed = self._stored

    async def _retry_push(self, user_id: str) -> None:
        """Publish the last stored number again whenever the activity that stored it could not publish."""
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
    """Wake the user's entity, or start it. Idempotent."""
    await start_or_signal(
        Notifications.run,
        input,
        workflow_id=notifications_workflow_id(input.user_key),
        queue=Queue.NOTIFY,
        summary=SUMMARY,
        signals=[Notifications.events_pending, Notifications.follows_pending],
    )
