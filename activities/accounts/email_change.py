"""The writes of a change of mail address, and who has the one that is wanted."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.delivery.mail import MailOrder
from domain.accounts.identifier_changes import Begun, ChangeOutcome, NewChange
from domain.delivery.mail import MailKind
from domain.email_address import email_key
from domain.flows import FlowKind, workflow_id
from domain.users.security_events import EventKind, SecurityEvent

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.accounts.email_change import EmailChangeStore
    from adapters.redis.session_invalidations import SessionHints


@dataclass(frozen=True)
class BeginEmailChange:
    """`owner` is the workflow id: beginning again after a crash or a reset is beginning once."""

    owner: str
    flow_id: str
    user_id: str
    asked_at: datetime


@dataclass(frozen=True)
class WantedAddress:
    user_id: str
    email_address: str
    asked_at: datetime


@dataclass(frozen=True)
class SwapAddress:
    """`session_id`: the one session that goes on. `device` and `address_prefix`: where the code was typed."""

    owner: str
    user_id: str
    email_address: str
    session_id: str
    now: datetime
    device: str
    address_prefix: str


@dataclass(frozen=True)
class AddressSwapped:
    """`revert_flow_id`: the flow that can take the change back, a secret; `revert_id`: its workflow id."""

    outcome: ChangeOutcome
    revert_flow_id: str
    revert_id: str


@dataclass(frozen=True)
class ReleaseEmailChange:
    owner: str
    user_id: str


class EmailChangeActivities:
    def __init__(self, changes: "EmailChangeStore", hints: "SessionHints", hashes: "Hashes") -> None:
        self._changes = changes
        self._hints = hints
        self._hashes = hashes

    @activity.defn(name="email_change.begin")
    async def begin(self, ask: BeginEmailChange) -> Begun:
        """Let this change take the place of an older one."""
        change = NewChange(FlowKind.EMAIL_CHANGE, ask.owner, ask.user_id, ask.flow_id, ask.asked_at)
        return await self._changes.begin(change, event_id=self._event_id(ask.owner))

    @activity.defn(name="email_change.find_taken")
    async def find_taken(self, wanted: WantedAddress) -> MailOrder | None:
        """The mail to whoever has the address, the same one all day. None when the address can be had."""
        address = await self._changes.find_bearer(wanted.email_address, but_for=wanted.user_id, now=wanted.asked_at)
        if address is None:
            return None
        key = f"address-taken.{self._hashes.subject(email_key(address))}.{wanted.asked_at:%Y%m%d}"
        return MailOrder(key, MailKind.ADDRESS_TAKEN, address)

    @activity.defn(name="email_change.swap")
    async def swap(self, ask: SwapAddress) -> AddressSwapped:
        """The new address, and the one session that stays. All ids are derived from the flow: twice is once."""
        flow_id = self._hashes.revert_flow_id(ask.owner)
        revert_id = workflow_id(FlowKind.EMAIL_REVERT, self._hashes.workflow_key(flow_id))
        kind, prefix = EventKind.EMAIL_CHANGED, ask.address_prefix
        event = SecurityEvent(self._event_id(ask.owner), ask.user_id, kind, ask.now, ask.device, prefix)
        outcome = await self._changes.swap(
            event, owner=ask.owner, address=ask.email_address, kept_session=ask.session_id, revert=revert_id
        )
        if outcome is ChangeOutcome.DONE:
            await self._hints.account_changed(ask.user_id)
        return AddressSwapped(outcome, flow_id, revert_id)

    @activity.defn(name="email_change.release")
    async def release(self, ask: ReleaseEmailChange) -> None:
        await self._changes.release(ask.user_id, owner=ask.owner)

    def _event_id(self, owner: str) -> str:
        return self._hashes.object_id(owner, "event")
