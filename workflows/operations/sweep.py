"""Sweep: every 15 s, carries out what was promised with a write and has not happened yet."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.accounts.account_deletion import DeletionOrder
from activities.notifications.notifications import NotificationsOrder
from activities.operations.sweep import FindIntents, SweepActivities
from activities.users.security_notices import NoticeOrder
from workflows.accounts.account_deletion import carry_on_deletion
from workflows.activity_options import GRAPH, STORE
from workflows.notifications.notifications import wake_notifications
from workflows.steps import step
from workflows.users.graph_sync import sync_graph
from workflows.users.security_notices import tell_owner

EVERY = timedelta(seconds=15)
OLDER_THAN = timedelta(seconds=10)
"""Younger intents are being carried out by whoever opened them."""
GRAPH_FOR = timedelta(seconds=5)
MAIL_CONTENT_LIFE = timedelta(days=30)


@workflow.defn(name="Sweep")
class Sweep:
    @workflow.run
    async def run(self) -> int:
        """Kick each open intent under its own id, so that kicking twice is harmless. Returns how many."""
        now = workflow.now()
        find = FindIntents(now - OLDER_THAN, now)
        syncs = await step(SweepActivities.find_open_syncs, find, STORE)
        notices = await self._open_notices(find)
        deletions = await self._open_deletions(find)
        untold = await self._untold(find)
        await asyncio.gather(
            *map(sync_graph, syncs),
            *map(tell_owner, notices),
            *map(carry_on_deletion, deletions),
            *map(wake_notifications, untold),
        )
        await step(SweepActivities.drop_mail_contents, now - MAIL_CONTENT_LIFE, STORE)
        followed = await self._followed(find)
        await asyncio.gather(*map(wake_notifications, followed))
        return len(syncs) + len(notices) + len(deletions) + len(untold) + len(followed)

    async def _open_notices(self, find: FindIntents) -> list[NoticeOrder]:
        # A sweep that began before there were notices goes on without them. The patch may go on 2027-03-01.
        if not workflow.patched("sweep-notices"):
            return []
        return await step(SweepActivities.find_open_notices, find, STORE)

    async def _open_deletions(self, find: FindIntents) -> list[DeletionOrder]:
        # Likewise for a sweep of before the deletions. The patch may go on 2027-03-01.
        if not workflow.patched("sweep-deletions"):
            return []
        return await step(SweepActivities.find_open_deletions, find, STORE)

    async def _untold(self, find: FindIntents) -> list[NotificationsOrder]:
        # Likewise for a sweep of before the notifications. The patch may go on 2027-03-01.
        if not workflow.patched("sweep-notifications"):
            return []
        return await step(SweepActivities.find_untold, find, STORE)

    async def _followed(self, find: FindIntents) -> list[NotificationsOrder]:
        """Last, and not for long: all else must be carried out while the graph is away."""
        # Likewise for a sweep of before the follows. The patch may go on 2027-03-01.
        if not workflow.patched("sweep-follows"):
            return []
        try:
            return await step(SweepActivities.find_owed_follows, find, GRAPH, give_up_at=workflow.now() + GRAPH_FOR)
        except ActivityError:
            workflow.logger.warning("follows left to the next sweep")
            return []
