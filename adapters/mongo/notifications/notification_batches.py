"""Notifications of many users, stored in one transaction under the next numbers of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.client import Client, Database, Document
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.notifications.notifications import last_seq_raised, notification_document, raise_last_seq
from adapters.mongo.transactions import in_transaction
from adapters.mongo.users.security_events import SecurityEventStore
from domain.journal.occurrences import Occurrence
from domain.notifications.notifications import NewNotification

ByUser = Mapping[str, Sequence[NewNotification]]


class NotificationBatchStore:
    """Writes batches. Another writer of the same inbox makes the driver repeat the transaction."""

    def __init__(
        self, client: Client, database: Database, events: SecurityEventStore, occurrences: OccurrenceStore
    ) -> None:
        self._client = client
        self._inboxes = database["inboxes"]
        self._notifications = database["notifications"]
        self._events = events
        self._occurrences = occurrences

    async def write(
        self,
        new: ByUser,
        now: datetime,
        *,
        cooldown_since: datetime,
        event_ids: Sequence[str] = (),
        occurrences: Sequence[Occurrence] = (),
    ) -> Mapping[str, int]:
        """Store the notifications by user, close the intents of these events, and record the occurrences, also those
        of skipped notifications. Returns the last number by user.

        Skipped without a number, for a user: a known `dedupe_key`, and what is about a user of whom they were
        notified after `cooldown_since`.
        """

        async def work(tx: AsyncClientSession) -> Mapping[str, int]:
            fresh = await self._without_stored(new, cooldown_since, tx)
            last_seqs = await self._reserve_numbers(fresh, now, tx) if fresh else {}
            if fresh:
                await self._notifications.insert_many(_documents(fresh, last_seqs, now), session=tx)
            if event_ids:
                await self._events.close_notifications(event_ids, tx)
            if occurrences:
                await self._occurrences.record_many(occurrences, tx)
            return last_seqs

        return await in_transaction(self._client, work)

    async def delete_all(self, user_ids: Sequence[str]) -> None:
        """Delete all of these users': the accounts were erased while notifications were written for them."""
        owned = _of(user_ids)
        await self._notifications.delete_many(owned)
        await self._inboxes.delete_many(owned)

    async def _without_stored(self, new: ByUser, cooldown_since: datetime, tx: AsyncClientSession) -> ByUser:
        """Return those to be stored, one for each key; users without any are left out."""
        keys, pairs = await self._find_stored(new, cooldown_since, tx)
        fresh = {
            user_id: [
                each
                for each in {each.dedupe_key: each for each in notifications}.values()
                if (user_id, each.dedupe_key) not in keys and (user_id, each.about) not in pairs
            ]
            for user_id, notifications in new.items()
        }
        return {user_id: notifications for user_id, notifications in fresh.items() if notifications}

    async def _find_stored(
        self, new: ByUser, cooldown_since: datetime, tx: AsyncClientSession
    ) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        """Return users with the keys that they have, and users with those of whom they were notified lately."""
        notifications = [each for of_user in new.values() for each in of_user]
        known = {"dedupe_key": {"$in": [each.dedupe_key for each in notifications]}}
        about = {"$in": [ObjectId(each.about) for each in notifications if each.about]}
        recent = {"about": about, "createdAt": {"$gt": cooldown_since}}
        owned, fields = _of(list(new)), {"user_id": 1, "dedupe_key": 1, "about": 1, "createdAt": 1}
        keys, pairs = set(), set()
        async for document in self._notifications.find({"$or": [owned | known, owned | recent]}, fields, session=tx):
            keys.add((str(document["user_id"]), document["dedupe_key"]))
            if document["createdAt"] > cooldown_since:
                pairs.add((str(document["user_id"]), str(document.get("about"))))
        return keys, pairs

    async def _reserve_numbers(self, fresh: ByUser, now: datetime, tx: AsyncClientSession) -> Mapping[str, int]:
        """Raise the last numbers. Returns them by user. One user's take one round trip, those of many two."""
        if len(fresh) == 1:
            [(user_id, notifications)] = fresh.items()
            return {user_id: await raise_last_seq(self._inboxes, user_id, len(notifications), now, tx)}
        raising = [_raised(user_id, len(notifications), now) for user_id, notifications in fresh.items()]
        await self._inboxes.bulk_write(raising, session=tx)
        found = self._inboxes.find(_of(list(fresh)), {"user_id": 1, "last_seq": 1}, session=tx)
        return {str(inbox["user_id"]): inbox["last_seq"] async for inbox in found}


def _of(user_ids: Sequence[str]) -> Document:
    return {"user_id": {"$in": list(map(ObjectId, user_ids))}}


def _raised(user_id: str, count: int, now: datetime) -> UpdateOne:
    return UpdateOne({"user_id": ObjectId(user_id)}, last_seq_raised(count, now), upsert=True)


def _documents(fresh: ByUser, last_seqs: Mapping[str, int], now: datetime) -> Sequence[Document]:
    return [
        notification_document(each, user_id, seq, now)
        for user_id, notifications in fresh.items()
        for seq, each in enumerate(notifications, start=last_seqs[user_id] - len(notifications) + 1)
    ]
