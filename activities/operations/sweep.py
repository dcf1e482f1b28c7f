"""Finds open intents, and erases mail contents past their retention."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.accounts.account_deletion import DeletionInput
from activities.notifications.notifications import NotificationsInput
from activities.users.graph_sync import GraphSyncInput
from activities.users.security_notices import NoticeInput
from domain.accounts.account_deletion import Deletion
from domain.email_address import email_key
from domain.intents import IntentKind, Shard, shard_of

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.accounts.account_deletion import DeletionStore
    from adapters.mongo.delivery.mails import MailStore
    from adapters.mongo.journal.numbering import NumberingStore
    from adapters.mongo.users.security_events import SecurityEventStore
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.pending_follows import PendingFollowStore

MAX_DROPPED_MAILS = 500
MAX_INTENTS = 500

OpenSync = tuple[str, datetime]
"""An account's id, and when its sync intent was opened."""


@dataclass(frozen=True)
class FindIntents:
    """Intents opened before `before`, oldest first. `now`: the workflow's clock, for their age."""

    before: datetime
    now: datetime


@dataclass(frozen=True)
class OpenSyncs:
    """`shards`: those with open intents; `failed`: the accounts whose intents were set aside."""

    shards: list[Shard]
    failed: list[GraphSyncInput]


@dataclass(frozen=True)
class OpenNotifications:
    """`shards`: those with pending notifications; `failed`: the users whose notifications were set aside."""

    shards: list[Shard]
    failed: list[NotificationsInput]


class SweepActivities:
    """Activities of the Sweep workflow. Each returns the workflow inputs of one kind of open intent."""

    def __init__(
        self,
        users: "UserStore",
        mails: "MailStore",
        events: "SecurityEventStore",
        deletions: "DeletionStore",
        hashes: "KeyedHashes",
        follows: "PendingFollowStore",
        numbering: "NumberingStore",
    ) -> None:
        self._users = users
        self._deletions = deletions
        self._mails = mails
        self._events = events
        self._hashes = hashes
        self._follows = follows
        self._numbering = numbering

    @activity.defn(name="sweep.find_open_syncs")
    async def find_open_syncs(self, command: FindIntents) -> list[GraphSyncInput]:
        """Return the open graph syncs, 500 at most. Sets the gauge of the oldest one's age in seconds."""
        # Asked by sweeps of before there were shards. Can be removed on 2027-03-01, with their branch of the workflow.
        found = await self._users.find_open_syncs(before=command.before, limit=MAX_INTENTS)
        _report_age(found, command.now)
        return self._syncs(found)

    @activity.defn(name="sweep.find_unsynced")
    async def find_unsynced(self, command: FindIntents) -> OpenSyncs:
        """Return the shards with open graph syncs, of the 500 oldest, and 500 of those set aside.

        Sets the gauge of the oldest one's age in seconds.
        """
        found = await self._users.find_open_syncs(before=command.before, limit=MAX_INTENTS)
        failed = await self._users.find_failed_syncs(limit=MAX_INTENTS)
        _report_age([*found[:1], *failed[:1]], command.now)
        return OpenSyncs(_shards(IntentKind.GRAPH_SYNC, [user_id for user_id, _ in found]), self._syncs(failed))

    @activity.defn(name="sweep.find_open_notices")
    async def find_open_notices(self, command: FindIntents) -> list[NoticeInput]:
        """Return the security events whose owners have not been notified by mail yet, 500 at most."""
        found = await self._events.find_open_notices(before=command.before, limit=MAX_INTENTS)
        return [NoticeInput(event_id, self._hashes.workflow_key(event_id)) for event_id in found]

    @activity.defn(name="sweep.find_untold")
    async def find_unnotified(self, command: FindIntents) -> list[NotificationsInput]:
        """Return the users with pending notifications of account events, of 500 events at most."""
        found = await self._events.find_unnotified_users(before=command.before, limit=MAX_INTENTS)
        return self._inboxes(found)

    @activity.defn(name="sweep.find_owed_follows")
    async def find_pending_follows(self, command: FindIntents) -> list[NotificationsInput]:
        """Return the users with pending notifications of followers, of 500 follows at most."""
        # Both are asked by sweeps of before there were shards, like `find_open_syncs`.
        found = await self._follows.list_pending_users(before=command.before, limit=MAX_INTENTS)
        return self._inboxes(found)

    @activity.defn(name="sweep.find_unnotified_of_events")
    async def find_unnotified_of_events(self, command: FindIntents) -> OpenNotifications:
        """Return the shards with pending notifications of account events, and the users set aside, of 500 each."""
        found = await self._events.find_unnotified_users(before=command.before, limit=MAX_INTENTS)
        failed = await self._events.find_set_aside_users(limit=MAX_INTENTS)
        return OpenNotifications(_shards(IntentKind.EVENT_NOTIFICATIONS, found), self._inboxes(failed))

    @activity.defn(name="sweep.find_unnotified_of_follows")
    async def find_unnotified_of_follows(self, command: FindIntents) -> OpenNotifications:
        """Return the shards with pending notifications of followers, and the users set aside, of 500 each."""
        found = await self._follows.list_pending_users(before=command.before, limit=MAX_INTENTS)
        failed = await self._follows.list_set_aside_users(limit=MAX_INTENTS)
        return OpenNotifications(_shards(IntentKind.FOLLOW_NOTIFICATIONS, found), self._inboxes(failed))

    @activity.defn(name="sweep.find_open_deletions")
    async def find_open_deletions(self, command: FindIntents) -> list[DeletionInput]:
        """Return the deletions whose latest status the workflow has not carried out yet, 500 at most."""
        found = await self._deletions.find_open(before=command.before, limit=MAX_INTENTS)
        return [self._deletion_input(deletion) for deletion in found]

    @activity.defn(name="sweep.find_unnumbered")
    async def find_unnumbered(self, command: FindIntents) -> bool:
        """Return whether an occurrence has waited for its number since before `command.before`.

        Sets the gauges of the oldest one's age in seconds, and of how many are set aside.
        """
        oldest, failed = await self._numbering.find_oldest(), await self._numbering.count_failed()
        age = (command.now - oldest).total_seconds() if oldest else 0.0
        meter = activity.metric_meter()
        meter.create_gauge_float("decode_oldest_occurrence_seconds", unit="s").set(age)
        meter.create_gauge("decode_failed_occurrences").set(failed)
        return oldest is not None and oldest < command.before

    @activity.defn(name="sweep.drop_mail_contents")
    async def drop_mail_contents(self, before: datetime) -> int:
        """Erase recipients and variables of mails recorded before `before`, 500 at most. Returns how many."""
        return await self._mails.erase_contents(before=before, limit=MAX_DROPPED_MAILS)

    def _deletion_input(self, deletion: Deletion) -> DeletionInput:
        address = deletion.email_address
        subject_hash = self._hashes.subject_hash(email_key(address)) if address else ""
        return DeletionInput(deletion.user_id, self._hashes.workflow_key(deletion.user_id), deletion.key, subject_hash)

    def _inboxes(self, user_ids: Sequence[str]) -> list[NotificationsInput]:
        return [NotificationsInput(user_id, self._hashes.workflow_key(user_id)) for user_id in user_ids]

    def _syncs(self, found: Sequence[OpenSync]) -> list[GraphSyncInput]:
        return [GraphSyncInput(user_id, self._hashes.workflow_key(user_id)) for user_id, _ in found]


def _shards(kind: IntentKind, user_ids: Sequence[str]) -> list[Shard]:
    return list(dict.fromkeys(shard_of(kind, user_id) for user_id in user_ids))


def _report_age(found: Sequence[OpenSync], now: datetime) -> None:
    age = max([(now - opened).total_seconds() for _, opened in found], default=0.0)
    activity.metric_meter().create_gauge_float("decode_oldest_open_intent_seconds", unit="s").set(age)
