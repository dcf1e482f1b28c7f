"""Changes of a name or an address, as fakes do them."""

from temporalio import activity

from activities.accounts.email_change import (
    AddressSwapped,
    BeginEmailChange,
    ReleaseEmailChange,
    SwapAddress,
    WantedAddress,
)
from activities.accounts.email_revert import AddressReverted, RevertAddress
from activities.accounts.username_change import BeginUsernameChange, ReleaseUsernameChange, SwapUsername
from activities.delivery.mail import MailOrder
from activities.users.security_notices import NoticeOrder
from domain.accounts.identifier_changes import Begun, ChangeOutcome
from domain.flows import FlowKind, workflow_id
from tests.support.keys import HASHES
from tests.workflows.fakes.fake_activity import Deed


def swapped(ask: SwapAddress, outcome: ChangeOutcome = ChangeOutcome.DONE) -> AddressSwapped:
    """What becomes of a change of address; the ids of its way back are derived, as in the product."""
    flow_id = HASHES.revert_flow_id(ask.owner)
    return AddressSwapped(outcome, flow_id, workflow_id(FlowKind.EMAIL_REVERT, HASHES.workflow_key(flow_id)))


def reverted(ask: RevertAddress) -> AddressReverted:
    event_id = HASHES.object_id(ask.owner, "event")
    return AddressReverted(ChangeOutcome.DONE, NoticeOrder(event_id, HASHES.workflow_key(event_id)))


class FakeUsernameChange:
    def __init__(self) -> None:
        self.begun = Deed[BeginUsernameChange, Begun](lambda _: Begun(ChangeOutcome.DONE))
        self.swapped = Deed[SwapUsername, ChangeOutcome](lambda _: ChangeOutcome.DONE)
        self.released = Deed[ReleaseUsernameChange, None](lambda _: None)

    @activity.defn(name="username_change.begin")
    async def begin(self, ask: BeginUsernameChange) -> Begun:
        return await self.begun.play(ask)

    @activity.defn(name="username_change.swap")
    async def swap(self, ask: SwapUsername) -> ChangeOutcome:
        return await self.swapped.play(ask)

    @activity.defn(name="username_change.release")
    async def release(self, ask: ReleaseUsernameChange) -> None:
        return await self.released.play(ask)


class FakeEmailChange:
    """No address is anybody's until a test says so."""

    def __init__(self) -> None:
        self.begun = Deed[BeginEmailChange, Begun](lambda _: Begun(ChangeOutcome.DONE))
        self.looked_up = Deed[WantedAddress, MailOrder | None](lambda _: None)
        self.swapped = Deed[SwapAddress, AddressSwapped](swapped)
        self.released = Deed[ReleaseEmailChange, None](lambda _: None)

    @activity.defn(name="email_change.begin")
    async def begin(self, ask: BeginEmailChange) -> Begun:
        return await self.begun.play(ask)

    @activity.defn(name="email_change.find_taken")
    async def find_taken(self, ask: WantedAddress) -> MailOrder | None:
        return await self.looked_up.play(ask)

    @activity.defn(name="email_change.swap")
    async def swap(self, ask: SwapAddress) -> AddressSwapped:
        return await self.swapped.play(ask)

    @activity.defn(name="email_change.release")
    async def release(self, ask: ReleaseEmailChange) -> None:
        return await self.released.play(ask)


class FakeEmailRevert:
    def __init__(self) -> None:
        self.reverted = Deed[RevertAddress, AddressReverted](reverted)

    @activity.defn(name="email_revert.revert")
    async def revert(self, ask: RevertAddress) -> AddressReverted:
        return await self.reverted.play(ask)
