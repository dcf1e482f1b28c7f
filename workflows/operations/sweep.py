"""Sweep: every 15 s, carries out what was promised with a write and has not happened yet."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.accounts.account_deletion import DeletionInput
from activities.notifications.notifications import NotificationsInput
from activities.operations.sweep import FindIntents, SweepActivities
from activities.users.security_notices import NoticeInput
from workflows.accounts.account_deletion import start_or_wake_deletion
from workflows.activity_options import GRAPH, STORE
from workflows.notifications.notifications import start_or_wake_notifications
from workflows.steps import run_activity
from workflows.users.graph_sync import start_or_wake_graph_sync
from workflows.users.security_notices import start_notice

SWEEP_INTERVAL = timedelta(seconds=15)
MIN_INTENT_AGE = timedelta(seconds=10)
"""Younger intents are being carried out by whoever opened them."""
GRAPH_TIMEOUT = timedelta(seconds=5)
MAIL_CONTENT_TTL = timedelta(days=30)


@workflow.defn(name="Sweep")
class Sweep:
    @workflow.run
    async def run(self) -> int:
        """Kick each open intent under its own id, so that kicking twice is harmless. Returns how many."""
        now = workflow.now()
        command = FindIntents(now - MIN_INTENT_AGE, now)
        syncs = await run_activity(SweepActivities.find_open_syncs, command, STORE)
        notices = await self._open_notices(command)
        deletions = await self._open_deletions(command)
        unnotified = await self._find_unnotified(command)
        await asyncio.gather(
            *map(start_or_wake_graph_sync, syncs),
            *map(start_notice, notices),
            *map(start_or_wake_deletion, deletions),
            *map(start_or_wake_notifications, unnotified),
        )
        await run_activity(SweepActivities.drop_mail_contents, now - MAIL_CONTENT_TTL, STORE)
        followed = await self._find_followed(command)
        await asyncio.gather(*map(start_or_wake_notifications, followed))
        return len(syncs) + len(notices) + len(deletions) + len(unnotified) + len(followed)

    async def _open_notices(self, command: FindIntents) -> list[NoticeInput]:
        # A sweep that began before there were notices goes on without them. The patch may go on 2027-03-01.
        if not workflow.patched("sweep-notices"):
            return []
        return await run_activity(SweepActivities.find_open_notices, command, STORE)

    async def _open_deletions(self, command: FindIntents) -> list[DeletionInput]:
        # Likewise for a sweep of before the deletions. The patch may go on 2027-03-01.
        if not workflow.patched("sweep-deletions"):
            return []
        return await run_activity(SweepActivities.find_open_deletions, command, STORE)

    async def _find_unnotified(self, command: FindIntents) -> list[NotificationsInput]:
        # Likewise for a sweep of before the notifications. The patch may go on 2027-03-01.
        if not workflow.patched("sweep-notifications"):
            return []
        return await run_activity(SweepActivities.find_unnotified, command, STORE)

    async def _find_followed(self, command: FindIntents) -> list[NotificationsInput]:
        """Last, and not for long: all else must be carried out while the graph is away."""
        # Likewise for a sweep of before the follows. The patch may go on 2027-03-01.
        if not workflow.patched("sweep-follows"):
            return []
        try:
            return await run_activity(
                SweepActivities.find_pending_follows, command, GRAPH, give_up_at=workflow.now() + GRAPH_TIMEOUT
            )
        except ActivityError:
            workflow.logger.warning("follows left to the next sweep")
            return []
