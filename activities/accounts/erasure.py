"""Erasure: the tombstone first, then store after store in bounded batches, in the end a last mail.

Each step finds only what is still there: cut off anywhere, the next try goes on from there.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from temporalio import activity

from activities.delivery.mail import MailOrder
from domain.accounts.account_deletion import Standing
from domain.accounts.erasure import Grave, Remains
from domain.delivery.mail import MailKind
from domain.email_address import email_key
from domain.username import username_key

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.accounts.account_deletion import DeletionStore
    from adapters.mongo.accounts.erasure import PersonalDocuments
    from adapters.mongo.accounts.tombstones import TombstoneStore
    from adapters.mongo.social.snapshot_mentions import FollowerTraces
    from adapters.neo4j.accounts.erasure import PersonalNode
    from adapters.redis.erasure import PersonalKeys

BATCH = 1_000
BATCHES_A_TRY = 50
QUARANTINE = timedelta(days=90)
"""So long nobody can take the name of somebody who is gone, and pass for them."""

Erase = Callable[..., Awaitable[int]]
"""Erases up to `limit` of what a store has of a user id. Returns how much; 0 when nothing is left."""


@dataclass(frozen=True)
class Burial:
    user_id: str
    key: str
    now: datetime


class ErasureActivities:
    def __init__(
        self,
        deletions: "DeletionStore",
        tombstones: "TombstoneStore",
        documents: "PersonalDocuments",
        node: "PersonalNode",
        traces: "FollowerTraces",
        keys: "PersonalKeys",
        hashes: "Hashes",
    ) -> None:
        self._deletions = deletions
        self._tombstones = tombstones
        self._documents = documents
        self._node = node
        self._traces = traces
        self._hashes = hashes
        self._steps: Mapping[str, Erase] = {
            **{name: partial(documents.erase, name) for name in documents.collections},
            "tickets": documents.erase_tickets,
            "snapshots_of_others": traces.erase,
            "followings": self._erase_followings,
            "mentions": documents.erase_mentions,
            "holds": documents.let_go,
            "graph": node.erase,
            "redis": keys.erase,
        }
        """Where a person is kept. A noun that keeps something of people somewhere else has its step here."""

    @activity.defn(name="erasure.bury")
    async def bury(self, burial: Burial) -> bool:
        """Put a tombstone in the account's place, if its time has come and it is still leaving: from here on there
        is no way back. Its name is held.
        """
        leaving = await self._deletions.find(burial.key)
        if leaving is None or leaving.standing is not Standing.LEAVING:
            return False
        grave = Grave(
            user_id=burial.user_id,
            key=burial.key,
            hold_key=self._hashes.username_hold(username_key(leaving.username)),
            hold_until=burial.now + QUARANTINE,
            remains=Remains(leaving.username, leaving.email_address),
            at=burial.now,
        )
        return await self._tombstones.bury(grave)

    @activity.defn(name="erasure.erase")
    async def erase(self, user_id: str) -> bool:
        """A bounded part of the work, store after store. True when nothing is left."""
        left = BATCHES_A_TRY
        for name, erase in self._steps.items():
            while await erase(user_id, limit=BATCH):
                left -= 1
                if left == 0:
                    return False
            await self._tombstones.note(user_id, name, datetime.now(UTC))
        return True

    @activity.defn(name="erasure.farewell")
    async def farewell(self, user_id: str) -> MailOrder | None:
        """The last mail. None when what it needs is forgotten, for it was sent."""
        remains = await self._tombstones.remains(user_id)
        if remains is None:
            return None
        return MailOrder(
            key=f"account-deleted.{self._hashes.workflow_key(user_id)}",
            kind=MailKind.ACCOUNT_DELETED,
            recipient=remains.email_address,
            variables={"username": remains.username},
        )

    @activity.defn(name="erasure.finish")
    async def finish(self, burial: Burial) -> None:
        """Forget whom the mails went to, then the address itself: all that is left is the tombstone."""
        remains = await self._tombstones.remains(burial.user_id)
        if remains is None:
            return
        recipient_hash = self._hashes.subject(email_key(remains.email_address))
        while await self._documents.forget_recipient(recipient_hash, instead=burial.key, limit=BATCH):
            pass
        await self._tombstones.note(burial.user_id, "mails", burial.now)
        await self._tombstones.finish(burial.user_id)

    async def _erase_followings(self, user_id: str, *, limit: int) -> int:
        """The edge goes last: it is what tells who may have a whole list with the person in it."""
        followed = await self._node.followed(user_id, limit=limit)
        if followed:
            await self._traces.forget(user_id, of=followed)
            await self._node.erase_follows(user_id, followed)
        return len(followed)
