"""Finds what was promised and not yet carried out, and what has been kept long enough."""

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
    from adapters.crypto.hashes import KeyedHashes
    from adapters.mongo.accounts.account_deletion import DeletionStore
    from adapters.mongo.delivery.mails import MailStore
    from adapters.mongo.users.security_events import SecurityEventStore
    from adapters.mongo.users.users import UserStore
    from adapters.neo4j.social.pending_follows import PendingFollowStore

MAX_DROPPED_MAILS = 500
MAX_INTENTS = 500


@dataclass(frozen=True)
class FindIntents:
    """Intents opened before `before`, oldest first. `now` is for their age."""

    before: datetime
    now: datetime


class SweepActivities:
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
        """Graph syncs still owed, 500 at most. Sets the gauge of the oldest one's age in seconds."""
        found = await self._users.find_open_syncs(before=command.before, limit=MAX_INTENTS)
        age = (command.now - found[0][1]).total_seconds() if found else 0.0
        meter = activity.metric_meter()
        meter.create_gauge_float("decode_oldest_open_intent_seconds", unit="s").set(age)
        return [GraphSyncInput(user_id, self._hashes.workflow_key(user_id)) for user_id, _ in found]

    @activity.defn(name="sweep.find_open_notices")
    async def find_open_notices(self, command: FindIntents) -> list[NoticeInput]:
        """Security events whose owners have still to be told, 500 at most."""
        found = await self._events.find_open_notices(before=command.before, limit=MAX_INTENTS)
        return [NoticeInput(event_id, self._hashes.workflow_key(event_id)) for event_id in found]

    @activity.defn(name="sweep.find_untold")
    async def find_unnotified(self, command: FindIntents) -> list[NotificationsInput]:
        """People who are owed notifications of what happened to their account: of 500 events at most."""
        found = await self._events.find_unnotified_users(before=command.before, limit=MAX_INTENTS)
        return [NotificationsInput(user_id, self._hashes.workflow_key(user_id)) for user_id in found]

    @activity.defn(name="sweep.find_owed_follows")
    async def find_pending_follows(self, command: FindIntents) -> list[NotificationsInput]:
        """People who have still to be told of followers: of 500 follows at most."""
        found = await self._follows.list_pending_users(before=command.before, limit=MAX_INTENTS)
        return [NotificationsInput(user_id, self._hashes.workflow_key(user_id)) for user_id in found]

    @activity.defn(name="sweep.find_open_deletions")
    async def find_open_deletions(self, command: FindIntents) -> list[DeletionInput]:
        """Accounts that left, came back or are being erased without their flow having seen to it, 500 at most."""
        found = await self._deletions.find_open(before=command.before, limit=MAX_INTENTS)
        return [self._deletion_input(deletion) for deletion in found]

    @activity.defn(name="sweep.drop_mail_contents")
    async def drop_mail_contents(self, before: datetime) -> int:
        """Forget recipients and variables of mails recorded before `before`; a bounded number a call."""
        return await self._mails.erase_contents(before=before, limit=MAX_DROPPED_MAILS)

    def _deletion_input(self, deletion: Deletion) -> DeletionInput:
        address = deletion.email_address
        subject_hash = self._hashes.subject_hash(email_key(address)) if address else ""
        return DeletionInput(deletion.user_id, self._hashes.workflow_key(deletion.user_id), deletion.key, subject_hash)
