"""Sweep: every 15 s, start the work of intents that were committed with a write and are still open."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.accounts.account_deletion import DeletionInput
from activities.operations.chat_upkeep import ChatUpkeepActivities
from activities.operations.sweep import FindIntents, OpenNotifications, OpenSyncs, SweepActivities
from activities.users.security_notices import NoticeInput
from workflows.accounts.account_deletion import start_or_wake_deletion
from workflows.activity_options import GRAPH, STORE
from workflows.assistant.turns import start_or_wake_turns
from workflows.journal.journal import start_journal
from workflows.notifications.notifications import start_or_wake_notifications
from workflows.operations.intent_drain import start_or_wake_drain
from workflows.steps import run_activity
from workflows.users.graph_sync import start_or_wake_graph_sync
from workflows.users.security_notices import start_notice

SWEEP_INTERVAL = timedelta(seconds=15)
MIN_INTENT_AGE = timedelta(seconds=10)
"""Younger intents are being carried out by the caller that opened them."""
GRAPH_TIMEOUT = timedelta(seconds=5)
MAIL_CONTENT_TTL = timedelta(days=30)


@workflow.defn(name="Sweep")
class Sweep:
    """One sweep over all kinds of open intents. Returns how many it found."""

    @workflow.run
    async def run(self) -> int:
        """Start or wake the workflow of each open intent, or of its shard, under its own id: repeats are harmless."""
        now = workflow.now()
        command = FindIntents(now - MIN_INTENT_AGE, now)
        unsynced = await self._find_unsynced(command)
        notices = await self._open_notices(command)
        deletions = await self._open_deletions(command)
        unnotified = await self._find_unnotified(command)
        await asyncio.gather(
            *map(start_or_wake_drain, [*unsynced.shards, *unnotified.shards]),
            *map(start_or_wake_graph_sync, unsynced.failed),
            *map(start_notice, notices),
            *map(start_or_wake_deletion, deletions),
            *map(start_or_wake_notifications, unnotified.failed),
        )
        await run_activity(SweepActivities.drop_mail_contents, now - MAIL_CONTENT_TTL, STORE)
        await self._start_journal(command)
        chats = await self._look_after_chats(command)
        followed = await self._find_followed(command)
        await asyncio.gather(
            *map(start_or_wake_drain, followed.shards), *map(start_or_wake_notifications, followed.failed)
        )
        waiting = [(each.shards, each.failed) for each in (unsynced, unnotified, followed)]
        return chats + len(notices) + len(deletions) + sum(len(shards) + len(failed) for shards, failed in waiting)

    async def _find_unsynced(self, command: FindIntents) -> OpenSyncs:
        # A sweep that started before there were shards wakes each account. The patch can be removed on 2027-03-01.
        if not workflow.patched("sweep-shards"):
            return OpenSyncs([], await run_activity(SweepActivities.find_open_syncs, command, STORE))
        return await run_activity(SweepActivities.find_unsynced, command, STORE)

    async def _open_notices(self, command: FindIntents) -> list[NoticeInput]:
        # A sweep that started before notices existed continues without them. The patch can be removed on 2027-03-01.
        if not workflow.patched("sweep-notices"):
            return []
        return await run_activity(SweepActivities.find_open_notices, command, STORE)

    async def _open_deletions(self, command: FindIntents) -> list[DeletionInput]:
        # Likewise for a sweep from before deletions. The patch can be removed on 2027-03-01.
        if not workflow.patched("sweep-deletions"):
            return []
        return await run_activity(SweepActivities.find_open_deletions, command, STORE)

    async def _find_unnotified(self, command: FindIntents) -> OpenNotifications:
        # Likewise for a sweep from before shards. The patch can be removed on 2027-03-01.
        if workflow.patched("sweep-notification-shards"):
            return await run_activity(SweepActivities.find_unnotified_of_events, command, STORE)
        # Likewise for a sweep from before notifications. The patch can be removed on 2027-03-01.
        if not workflow.patched("sweep-notifications"):
            return OpenNotifications([], [])
        return OpenNotifications([], await run_activity(SweepActivities.find_unnotified, command, STORE))

    async def _start_journal(self, command: FindIntents) -> None:
        # Likewise for a sweep from before the journal. The patch can be removed on 2027-03-01.
        if workflow.patched("sweep-journal") and await run_activity(SweepActivities.find_unnumbered, command, STORE):
            await start_journal()

    async def _look_after_chats(self, command: FindIntents) -> int:
        """Wake the chats with messages that wait, and drop the words of those that are over. Returns how many wait."""
        # Likewise for a sweep from before chats. The patch can be removed on 2027-06-01.
        if not workflow.patched("sweep-chats"):
            return 0
        waiting = await run_activity(ChatUpkeepActivities.find_waiting, command, STORE)
        await asyncio.gather(*map(start_or_wake_turns, waiting))
        await run_activity(ChatUpkeepActivities.drop_words, command.now, STORE)
        return len(waiting)

    async def _find_followed(self, command: FindIntents) -> OpenNotifications:
        """Find users with pending follows; last, and for 5 s at most, so that the rest works while Neo4j is down."""
        # Likewise for a sweep from before follows. The patch can be removed on 2027-03-01.
        if not workflow.patched("sweep-follows"):
            return OpenNotifications([], [])
        give_up_at = workflow.now() + GRAPH_TIMEOUT
        try:
            if workflow.patched("sweep-notification-shards"):
                return await run_activity(
                    SweepActivities.find_unnotified_of_follows, command, GRAPH, give_up_at=give_up_at
                )
            found = await run_activity(SweepActivities.find_pending_follows, command, GRAPH, give_up_at=give_up_at)
            return OpenNotifications([], found)
        except ActivityError:
            workflow.logger.warning("follows left to the next sweep")
            return OpenNotifications([], [])
