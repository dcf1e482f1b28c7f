"""Erasure: the tombstone first, then one store after the other in bounded batches, finally a last mail.

Each step finds only what is left: after an interruption anywhere, the next attempt continues from there.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from temporalio import activity

from activities.delivery.mail import MailInput
from domain.accounts.account_deletion import DeletionStatus
from domain.accounts.erasure import LastContact, Tombstone
from domain.delivery.mail import MailKind
from domain.email_address import email_key
from domain.username import username_key

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.accounts.account_deletion import DeletionStore
    from adapters.mongo.accounts.erasure import PersonalDocuments
    from adapters.mongo.accounts.tombstones import TombstoneStore
    from adapters.mongo.journal.subject_words import SubjectWords
    from adapters.mongo.social.snapshot_mentions import SnapshotMentions
    from adapters.neo4j.accounts.erasure import UserNodeErasure
    from adapters.redis.erasure import PersonalKeys

BATCH_SIZE = 1_000
MAX_BATCHES_PER_ATTEMPT = 50
QUARANTINE = timedelta(days=90)
"""How long an erased account's username stays held, so that no other user can impersonate its owner."""

Erase = Callable[..., Awaitable[int]]
"""Erases up to `limit` items that a store holds of a user id. Returns how many; 0 when nothing is left."""


@dataclass(frozen=True)
class EraseAccount:
    """`key`: the id of the deactivation; `now`: the workflow's clock."""

    user_id: str
    key: str
    now: datetime


class ErasureActivities:
    """Activities that erase an account from all stores."""

    def __init__(
        self,
        deletions: "DeletionStore",
        tombstones: "TombstoneStore",
        documents: "PersonalDocuments",
        graph_node: "UserNodeErasure",
        mentions: "SnapshotMentions",
        redis_keys: "PersonalKeys",
        words: "SubjectWords",
        hashes: "KeyedHashes",
    ) -> None:
        self._deletions = deletions
        self._tombstones = tombstones
        self._documents = documents
        self._graph_node = graph_node
        self._mentions = mentions
        self._words = words
        self._hashes = hashes
        self._steps: Mapping[str, Erase] = {
            **{name: partial(documents.erase, name) for name in documents.collections},
            "journal": self._erase_words,
            "tickets": documents.erase_tickets,
            "snapshots_of_others": mentions.erase,
            "followings": self._erase_followings,
            "mentions": documents.erase_mentions,
            "holds": documents.release_holds,
            "graph": graph_node.erase,
            "redis": redis_keys.erase,
        }
        """The stores of personal data, in order. A noun that keeps personal data in another place adds its step."""

    @activity.defn(name="erasure.bury")
    async def write_tombstone(self, command: EraseAccount) -> bool:
        """Replace the account by a tombstone and hold its username, unless it is back. This cannot be undone.

        Returns whether the tombstone was written; False before the end of the grace period too.
        """
        deletion = await self._deletions.find(command.key)
        if deletion is None or deletion.standing is not DeletionStatus.LEAVING:
            return False
        tombstone = Tombstone(
            user_id=command.user_id,
            deletion_key=command.key,
            hold_key=self._hashes.username_hold_key(username_key(deletion.username)),
            hold_until=command.now + QUARANTINE,
            last_contact=LastContact(deletion.username, deletion.email_address),
            at=command.now,
        )
        return await self._tombstones.write(tombstone)

    @activity.defn(name="erasure.erase")
    async def erase(self, user_id: str) -> bool:
        """Erase a bounded number of batches, one store after the other. Returns True when nothing is left."""
        left = MAX_BATCHES_PER_ATTEMPT
        for name, erase in self._steps.items():
            while await erase(user_id, limit=BATCH_SIZE):
                left -= 1
                if left == 0:
                    return False
            await self._tombstones.record_erased(user_id, name, datetime.now(UTC))
        return True

    @activity.defn(name="erasure.farewell")
    async def goodbye_mail(self, user_id: str) -> MailInput | None:
        """Return the last mail; None once its data is erased, because it was sent."""
        contact = await self._tombstones.find_last_contact(user_id)
        if contact is None:
            return None
        return MailInput(
            key=f"account-deleted.{self._hashes.workflow_key(user_id)}",
            kind=MailKind.ACCOUNT_DELETED,
            recipient=contact.email_address,
            variables={"username": contact.username},
        )

    @activity.defn(name="erasure.finish")
    async def finish(self, command: EraseAccount) -> None:
        """Replace the recipient in the mail records, then erase the address itself: only the tombstone is left."""
        contact = await self._tombstones.find_last_contact(command.user_id)
        if contact is None:
            return
        recipient_hash = self._hashes.subject_hash(email_key(contact.email_address))
        while await self._documents.redact_recipient(recipient_hash, replacement=command.key, limit=BATCH_SIZE):
            pass
        await self._tombstones.record_erased(command.user_id, "mails", command.now)
        await self._tombstones.finish(command.user_id, command.now)

    async def _erase_words(self, user_id: str, **_: int) -> int:
        """Drop the key to all words at once. What happened stays in the journal, by ids."""
        return await self._words.erase(user_id, datetime.now(UTC))

    async def _erase_followings(self, user_id: str, *, limit: int) -> int:
        """Erase the edge last: it shows whose full follower lists may contain the user."""
        followees = await self._graph_node.list_followees(user_id, limit=limit)
        if followees:
            await self._mentions.remove_from_lists(user_id, user_ids=followees)
            await self._graph_node.erase_follows(user_id, followees)
        return len(followees)
