"""The writes of a change of username: hold the name, swap it, or let it go."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.accounts.identifier_changes import Begun, ChangeOutcome, NewChange
from domain.flows import FlowKind
from domain.users.security_events import EventKind, SecurityEvent

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.accounts.username_change import UsernameChangeStore
    from adapters.redis.session_invalidations import SessionHints


@dataclass(frozen=True)
class BeginUsernameChange:
    """`owner` is the workflow id: beginning again after a crash or a reset is beginning once."""

    owner: str
    flow_id: str
    user_id: str
    username: str
    asked_at: datetime
    until: datetime


@dataclass(frozen=True)
class SwapUsername:
    """`device` and `address_prefix`: where the code was typed."""

    owner: str
    user_id: str
    username: str
    now: datetime
    device: str
    address_prefix: str


@dataclass(frozen=True)
class ReleaseUsernameChange:
    owner: str
    user_id: str
    username: str


class UsernameChangeActivities:
    def __init__(self, changes: "UsernameChangeStore", hints: "SessionHints", hashes: "Hashes") -> None:
        self._changes = changes
        self._hints = hints
        self._hashes = hashes

    @activity.defn(name="username_change.begin")
    async def begin(self, ask: BeginUsernameChange) -> Begun:
        """Hold the name for this change, and let it take the place of an older one."""
        change = NewChange(FlowKind.USERNAME_CHANGE, ask.owner, ask.user_id, ask.flow_id, ask.asked_at)
        return await self._changes.begin(change, ask.username, until=ask.until, event_id=self._event_id(ask.owner))

    @activity.defn(name="username_change.swap")
    async def swap(self, ask: SwapUsername) -> ChangeOutcome:
        """The new name, everywhere. Cached copies of the account and its sessions are dropped."""
        event = SecurityEvent(
            self._event_id(ask.owner), ask.user_id, EventKind.USERNAME_CHANGED, ask.now, ask.device, ask.address_prefix
        )
        outcome = await self._changes.swap(event, owner=ask.owner, username=ask.username)
        if outcome is ChangeOutcome.DONE:
            await self._hints.account_changed(ask.user_id)
        return outcome

    @activity.defn(name="username_change.release")
    async def release(self, ask: ReleaseUsernameChange) -> None:
        await self._changes.release(ask.user_id, owner=ask.owner, username=ask.username)

    def _event_id(self, owner: str) -> str:
        return self._hashes.object_id(owner, "event")
