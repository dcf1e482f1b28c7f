"""The writes of a change of username: hold the new name, swap the names, or release the hold."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.codes import CheckCode, is_right
from domain.accounts.identifier_changes import ChangeOutcome, ChangeStarted, NewChange
from domain.flows import FlowKind
from domain.journal.flow_ends import FlowRef
from domain.users.security_events import EventKind, SecurityEvent

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.crypto.one_time_codes import OneTimeCodes
    from adapters.mongo.accounts.username_change import UsernameChangeStore
    from adapters.redis.session_invalidations import SessionInvalidations


@dataclass(frozen=True)
class BeginUsernameChange:
    """`owner`: the workflow id, which makes a repeat after a crash or a reset idempotent; `until`: the hold's end;
    `epoch`: the caller's.
    """

    owner: str
    flow_id: str
    user_id: str
    username: str
    asked_at: datetime
    until: datetime
    epoch: int | None = None


@dataclass(frozen=True)
class ApplyUsernameChange:
    """`owner`: the workflow id; `username`: the new one; `device`, `address_prefix`: where the code was typed."""

    owner: str
    user_id: str
    username: str
    now: datetime
    device: str
    address_prefix: str


@dataclass(frozen=True)
class FinishUsernameChange:
    """`check`: the typed code, which decides whether `change` is applied."""

    check: CheckCode
    change: ApplyUsernameChange


@dataclass(frozen=True)
class ReleaseUsernameChange:
    """`owner`: the workflow id of the change to release; `username`: the new name that it holds."""

    owner: str
    user_id: str
    username: str


class UsernameChangeActivities:
    """Activities of the UsernameChange workflow. `wake_graph_sync`: takes the id of a renamed user."""

    def __init__(
        self,
        changes: "UsernameChangeStore",
        invalidations: "SessionInvalidations",
        hashes: "KeyedHashes",
        codes: "OneTimeCodes",
        wake_graph_sync: Callable[[str], None],
    ) -> None:
        self._changes = changes
        self._invalidations = invalidations
        self._hashes = hashes
        self._codes = codes
        self._wake_graph_sync = wake_graph_sync

    @activity.defn(name="username_change.begin")
    async def begin(self, command: BeginUsernameChange) -> ChangeStarted:
        """Hold the name for this change and make it the account's open one, in place of an older one."""
        change = NewChange(
            FlowKind.USERNAME_CHANGE, command.owner, command.user_id, command.flow_id, command.asked_at, command.epoch
        )
        return await self._changes.begin(
            change, command.username, until=command.until, event_id=self._event_id(command.owner)
        )

    @activity.defn(name="username_change.finish")
    async def finish(self, command: FinishUsernameChange) -> ChangeOutcome | None:
        """Swap the names if the code is right, as `apply` does; None for a wrong code."""
        if not is_right(self._codes, command.check):
            return None
        outcome = await self.apply(command.change)
        if outcome is ChangeOutcome.DONE:
            self._wake_graph_sync(command.change.user_id)
        return outcome

    @activity.defn(name="username_change.swap")
    async def apply(self, command: ApplyUsernameChange) -> ChangeOutcome:
        """Set the new username in the account and its sessions, whose cached copies are then invalidated."""
        event = SecurityEvent(
            self._event_id(command.owner),
            command.user_id,
            EventKind.USERNAME_CHANGED,
            command.now,
            command.device,
            command.address_prefix,
            completes=FlowRef(FlowKind.USERNAME_CHANGE, command.owner),
        )
        outcome = await self._changes.apply(event, workflow_id=command.owner, username=command.username)
        if outcome is ChangeOutcome.DONE:
            await self._invalidations.publish_account_changed(command.user_id)
        return outcome

    @activity.defn(name="username_change.release")
    async def release(self, command: ReleaseUsernameChange) -> None:
        """End the account's open change of username if it is this one, and release the held name."""
        await self._changes.release(command.user_id, workflow_id=command.owner, username=command.username)

    def _event_id(self, workflow_id: str) -> str:
        return self._hashes.derive_object_id(workflow_id, "event")
