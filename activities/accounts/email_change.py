"""The writes of a change of mail address, and the lookup of an account that holds the new one."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.codes import CheckCode, is_right
from activities.delivery.mail import MailInput
from domain.accounts.identifier_changes import ChangeOutcome, ChangeStarted, NewChange
from domain.delivery.mail import MailKind
from domain.email_address import email_key
from domain.flows import FlowKind, build_workflow_id
from domain.journal.flow_ends import FlowRef
from domain.users.security_events import EventKind, SecurityEvent

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.crypto.one_time_codes import OneTimeCodes
    from adapters.mongo.accounts.address_holders import AddressHolders
    from adapters.mongo.accounts.email_change import EmailChangeStore
    from adapters.redis.session_invalidations import SessionInvalidations


@dataclass(frozen=True)
class BeginEmailChange:
    """`owner`: the workflow id, which makes a repeat after a crash or a reset idempotent; `epoch`: the caller's."""

    owner: str
    flow_id: str
    user_id: str
    asked_at: datetime
    epoch: int | None = None


@dataclass(frozen=True)
class FindAddressHolder:
    """`email_address`: the new address; `user_id`: the account that asks for it."""

    user_id: str
    email_address: str
    asked_at: datetime


@dataclass(frozen=True)
class ApplyEmailChange:
    """`owner`: the workflow id; `email_address`: the new one; `session_id`: the one session that stays open;
    `device` and `address_prefix`: where the code was typed.
    """

    owner: str
    user_id: str
    email_address: str
    session_id: str
    now: datetime
    device: str
    address_prefix: str


@dataclass(frozen=True)
class FinishEmailChange:
    """`check`: the code typed for the new address, which decides whether `change` is applied."""

    check: CheckCode
    change: ApplyEmailChange


@dataclass(frozen=True)
class EmailChangeApplied:
    """`revert_flow_id`: the flow that can revert the change, a secret; `revert_id`: its workflow id."""

    outcome: ChangeOutcome
    revert_flow_id: str
    revert_id: str


@dataclass(frozen=True)
class ReleaseEmailChange:
    """`owner`: the workflow id of the change to release."""

    owner: str
    user_id: str


class EmailChangeActivities:
    """Activities of the EmailChange workflow."""

    def __init__(
        self,
        changes: "EmailChangeStore",
        address_holders: "AddressHolders",
        invalidations: "SessionInvalidations",
        hashes: "KeyedHashes",
        codes: "OneTimeCodes",
    ) -> None:
        self._changes = changes
        self._address_holders = address_holders
        self._invalidations = invalidations
        self._hashes = hashes
        self._codes = codes

    @activity.defn(name="email_change.begin")
    async def begin(self, command: BeginEmailChange) -> ChangeStarted:
        """Make this the account's open change of address, in place of an older one."""
        change = NewChange(
            FlowKind.EMAIL_CHANGE, command.owner, command.user_id, command.flow_id, command.asked_at, command.epoch
        )
        return await self._changes.begin(change, event_id=self._event_id(command.owner))

    @activity.defn(name="email_change.find_taken")
    async def find_address_holder(self, command: FindAddressHolder) -> MailInput | None:
        """Return the mail to the account that holds the address, one per day; None when the address is free."""
        holder = await self._address_holders.find(
            command.email_address, command.asked_at, except_user_id=command.user_id
        )
        if holder is None:
            return None
        key = f"address-taken.{self._hashes.subject_hash(email_key(command.email_address))}.{command.asked_at:%Y%m%d}"
        return MailInput(key, MailKind.ADDRESS_TAKEN, holder.email_address)

    @activity.defn(name="email_change.finish")
    async def finish(self, command: FinishEmailChange) -> EmailChangeApplied | None:
        """Swap the addresses if the code is right, as `apply` does; None for a wrong code."""
        return await self.apply(command.change) if is_right(self._codes, command.check) else None

    @activity.defn(name="email_change.swap")
    async def apply(self, command: ApplyEmailChange) -> EmailChangeApplied:
        """Swap the addresses and end all sessions but one. Idempotent: all ids are derived from the workflow id."""
        flow_id = self._hashes.derive_revert_flow_id(command.owner)
        revert_id = build_workflow_id(FlowKind.EMAIL_REVERT, self._hashes.workflow_key(flow_id))
        event = SecurityEvent(
            self._event_id(command.owner),
            command.user_id,
            EventKind.EMAIL_CHANGED,
            command.now,
            command.device,
            command.address_prefix,
            completes=FlowRef(FlowKind.EMAIL_CHANGE, command.owner),
        )
        outcome = await self._changes.apply(
            event,
            workflow_id=command.owner,
            email_address=command.email_address,
            keep_session_id=command.session_id,
            revert_workflow_id=revert_id,
        )
        if outcome is ChangeOutcome.DONE:
            await self._invalidations.publish_account_changed(command.user_id)
        return EmailChangeApplied(outcome, flow_id, revert_id)

    @activity.defn(name="email_change.release")
    async def release(self, command: ReleaseEmailChange) -> None:
        """End the account's open change of address if it is this one."""
        await self._changes.release(command.user_id, workflow_id=command.owner)

    def _event_id(self, workflow_id: str) -> str:
        return self._hashes.derive_object_id(workflow_id, "event")
