"""Finds open intents, and erases mail contents past their retention."""

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

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.accounts.account_deletion import DeletionStore
    from adapters.mongo.delivery.mails import MailStore
    from adapters.mongo.users.security_events import SecurityEventStore
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.pending_follows import PendingFollowStore

MAX_DROPPED_MAILS = 500
MAX_INTENTS = 500


@dataclass(frozen=True)
class FindIntents:
    """Intents opened before `before`, oldest first. `now`: the workflow's clock, for their age."""

    before: datetime
    now: datetime


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
    ) -> None:
        self._users = users
        self._deletions = deletions
        self._mails = mails
        self._events = events
        self._hashes = hashes
        self._follows = follows

    @activity.defn(name="sweep.find_open_syncs")
    async def find_open_syncs(self, command: FindIntents) -> list[GraphSyncInput]:
        """Return the open graph syncs, 500 at most. Sets the gauge of the oldest one's age in seconds."""
        found = await self._users.find_open_syncs(before=command.before, limit=MAX_INTENTS)
        age = (command.now - found[0][1]).total_seconds() if found else 0.0
        meter = activity.metric_meter()
        meter.create_gauge_float("decode_oldest_open_intent_seconds", unit="s").set(age)
        return [GraphSyncInput(user_id, self._hashes.workflow_key(user_id)) for user_id, _ in found]

    @activity.defn(name="sweep.find_open_notices")
    async def find_open_notices(self, command: FindIntents) -> list[NoticeInput]:
        """Return the security events whose owners have not been notified by mail yet, 500 at most."""
        found = await self._events.find_open_notices(before=command.before, limit=MAX_INTENTS)
        return [NoticeInput(event_id, self._hashes.workflow_key(event_id)) for event_id in found]

    @activity.defn(name="sweep.find_untold")
    async def find_unnotified(self, command: FindIntents) -> list[NotificationsInput]:
        """Return the users with pending notifications of account events, of 500 events at most."""
        found = await self._events.find_unnotified_users(before=command.before, limit=MAX_INTENTS)
        return [NotificationsInput(user_id, self._hashes.workflow_key(user_id)) for user_id in found]

    @activity.defn(name="sweep.find_owed_follows")
    async def find_pending_follows(self, command: FindIntents) -> list[NotificationsInput]:
        """Return the users with pending notifications of followers, of 500 follows at most."""
        found = await self._follows.list_pending_users(before=command.before, limit=MAX_INTENTS)
        return [NotificationsInput(user_id, self._hashes.workflow_key(user_id)) for user_id in found]

    @activity.defn(name="sweep.find_open_deletions")
    async def find_open_deletions(self, command: FindIntents) -> list[DeletionInput]:
        """Return the deletions whose latest status the workflow has not carried out yet, 500 at most."""
        found = await self._deletions.find_open(before=command.before, limit=MAX_INTENTS)
        return [self._deletion_input(deletion) for deletion in found]

    @activity.defn(name="sweep.drop_mail_contents")
    async def drop_mail_contents(self, before: datetime) -> int:
        """Erase recipients and variables of mails recorded before `before`, 500 at most. Returns how many."""
        return await self._mails.erase_contents(before=before, limit=MAX_DROPPED_MAILS)

    def _deletion_input(self, deletion: Deletion) -> DeletionInput:
        address = deletion.email_address
        subject_hash = self._hashes.subject_hash(email_key(address)) if address else ""
        return DeletionInput(deletion.user_id, self._hashes.workflow_key(deletion.user_id), deletion.key, subject_hash)
