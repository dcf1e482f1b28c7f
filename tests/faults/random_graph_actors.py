"""Users who act at random, directly on the stores, while servers stop and start.

Each action is what a route or a flow does: a write to MongoDB with a sync intent, or a statement to the graph. A server
that is away refuses; a refused actor goes on with another action.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bson import ObjectId
from temporalio.testing import ActivityEnvironment

from activities.accounts.account_deletion import AccountDeletionActivities
from activities.accounts.erasure import EraseAccount, ErasureActivities
from adapters.failures import classify_failure
from adapters.mongo.users.users import with_sync_intent
from adapters.resources import Resources
from api.background.graph_sync import GraphSyncTrigger
from domain.users.users import GraphUser, ProfileChange
from tests.support.accounts import make_account
from tests.support.polling import eventually

CONCURRENCY = 12
Action = Callable[[], Awaitable[None]]


@dataclass
class RandomActors:
    resources: Resources
    rng: random.Random
    active: list[str] = field(default_factory=list)
    inactive: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    done: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        resources = self.resources
        self._syncs = GraphSyncTrigger(resources)
        self._deletion = AccountDeletionActivities(
            resources.accounts.deletions, resources.users.users, resources.users.nodes, resources.social.follows
        )
        self._erasure = ErasureActivities(
            deletions=resources.accounts.deletions,
            tombstones=resources.accounts.tombstones,
            documents=resources.accounts.personal_documents,
            graph_node=resources.accounts.personal_node,
            mentions=resources.social.snapshot_mentions,
            redis_keys=resources.accounts.personal_keys,
            words=resources.journal.subject_words,
            hashes=resources.hashes,
        )
        self._weighted_actions: Sequence[tuple[Action, float]] = (
            (self._follow, 36),
            (self._unfollow, 14),
            (self._block, 4),
            (self._unblock, 3),
            (self._rename, 39),
            (self._deactivate, 1.5),
            (self._reactivate, 1),
            (self._register, 0.5),
        )

    async def create_users(self, count: int) -> None:
        """Create so many accounts."""
        for _ in range(count):
            await self._register()

    async def act(self, count: int) -> None:
        """Do `count` actions, a dozen at a time; those that are refused do not count."""
        until = self.done + count

        async def go_on() -> None:
            while self.done < until:
                await self._try(self._draw())

        await asyncio.gather(*(go_on() for _ in range(CONCURRENCY)))

    async def erase_users(self, count: int) -> None:
        """Erase so many accounts, deactivated ones. What a server refuses now, their flow repeats later."""
        for _ in range(count):
            while not self.inactive:
                await self._try(self._deactivate)
            user_id = self.inactive.pop()
            self.erased.append(user_id)
            await self._try(lambda user_id=user_id: self._erase(user_id))  # type: ignore[misc]

    async def settle_intents(self) -> None:
        """Carry out every open intent, as the wake-up or the sweep does."""
        users, tombstones = (self.resources.clients.database[name] for name in ("users", "tombstones"))
        ours = {"_id": {"$in": [ObjectId(user_id) for user_id in [*self.active, *self.inactive, *self.erased]]}}
        unsynced = ours | {"sync_open_since": {"$exists": True}}
        erasing = ours | {"deletion_open_since": {"$exists": True}}
        await asyncio.gather(
            *[self._syncs.trigger(str(each["_id"])) async for each in users.find(unsynced, {"_id": 1})]
        )

        async def is_done() -> bool:
            return not await users.count_documents(unsynced) + await tombstones.count_documents(erasing)

        await eventually(is_done, within=120)
        await self._settle_visibility()

    async def _settle_visibility(self) -> None:
        """Finish the flows of deactivated and reactivated accounts, whatever was refused to them meanwhile."""
        for user_ids, move in ((self.inactive, self._deletion.hide), (self.active, self._deletion.show)):
            for first in range(0, len(user_ids), CONCURRENCY):
                some = user_ids[first : first + CONCURRENCY]
                await asyncio.gather(*(ActivityEnvironment().run(move, user_id) for user_id in some))

    def _draw(self) -> Action:
        actions, weights = zip(*self._weighted_actions, strict=True)
        action: Action = self.rng.choices(actions, weights)[0]
        return action

    async def _try(self, action: Action) -> None:
        try:
            await action()
            self.done += 1
        except Exception as error:
            failure = classify_failure(error)
            if failure is None or not failure.is_transient:
                raise
            self.refused += 1

    def _pick_two(self) -> tuple[str, str]:
        one, other = self.rng.sample(self.active, 2)
        return one, other

    async def _find_two(self) -> tuple[GraphUser, GraphUser]:
        """Two users as their accounts are now; one of them may have been deactivated meanwhile."""
        users = self.resources.users.users
        one, other = [await users.find_graph_user(user_id) for user_id in self._pick_two()]
        assert one
        assert other
        return one, other

    async def _follow(self) -> None:
        await self.resources.social.follows.follow(*await self._find_two(), datetime.now(UTC))

    async def _unfollow(self) -> None:
        await self.resources.social.follows.unfollow(*self._pick_two())

    async def _block(self) -> None:
        await self.resources.social.blocks.block(*await self._find_two(), datetime.now(UTC))

    async def _unblock(self) -> None:
        await self.resources.social.blocks.unblock(*self._pick_two())

    async def _rename(self) -> None:
        user_id, name = self.rng.choice(self.active), f"Name {self.rng.randrange(10**9)}"
        await self.resources.users.profiles.change(user_id, ProfileChange(display_name=name), datetime.now(UTC))
        if self.rng.random() < 0.1:
            await self._syncs.trigger(user_id)

    async def _register(self) -> None:
        self.active.append((await make_account(self.resources, is_in_graph=False)).user["_id"])

    async def _deactivate(self) -> None:
        if len(self.active) > 20:
            user_id = self.active.pop(self.rng.randrange(len(self.active)))
            self.inactive.insert(0, user_id)
            fields = {"is_active": False, "deletion_key": user_id, "deactivated_at": datetime.now(UTC)}
            await self._set(user_id, fields | {"deletion_at": datetime.now(UTC)})
            await ActivityEnvironment().run(self._deletion.hide, user_id)

    async def _reactivate(self) -> None:
        if self.inactive:
            user_id = self.inactive.pop()
            self.active.append(user_id)
            await self._set(user_id, {"is_active": True})
            await ActivityEnvironment().run(self._deletion.show, user_id)

    async def _set(self, user_id: str, fields: dict[str, object]) -> None:
        changed = with_sync_intent(fields, datetime.now(UTC))
        await self.resources.clients.database["users"].update_one({"_id": ObjectId(user_id)}, changed)

    async def _erase(self, user_id: str) -> None:
        command = EraseAccount(user_id, user_id, datetime.now(UTC))
        assert await ActivityEnvironment().run(self._erasure.write_tombstone, command)
        while not await ActivityEnvironment().run(self._erasure.erase, user_id):
            pass
