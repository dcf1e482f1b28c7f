"""Changes of a name or an address, as fakes do them."""

from temporalio import activity

from activities.accounts.email_change import (
    ApplyEmailChange,
    BeginEmailChange,
    EmailChangeApplied,
    FindAddressHolder,
    FinishEmailChange,
    ReleaseEmailChange,
)
from activities.accounts.email_revert import EmailReverted, FinishEmailRevert, RevertEmail
from activities.accounts.username_change import (
    ApplyUsernameChange,
    BeginUsernameChange,
    FinishUsernameChange,
    ReleaseUsernameChange,
)
from activities.delivery.mail import MailInput
from activities.users.security_notices import NoticeInput
from domain.accounts.identifier_changes import ChangeOutcome, ChangeStarted
from domain.flows import FlowKind, build_workflow_id
from tests.support.keys import HASHES
from tests.workflows.fakes.codes import FakeCodes
from tests.workflows.fakes.fake_activity import FakeActivity


def email_change_applied(command: ApplyEmailChange, outcome: ChangeOutcome = ChangeOutcome.DONE) -> EmailChangeApplied:
    """What becomes of a change of address; the ids of its way back are derived, as in the product."""
    flow_id = HASHES.derive_revert_flow_id(command.owner)
    return EmailChangeApplied(outcome, flow_id, build_workflow_id(FlowKind.EMAIL_REVERT, HASHES.workflow_key(flow_id)))


def email_reverted(command: RevertEmail) -> EmailReverted:
    event_id = HASHES.derive_object_id(command.owner, "event")
    return EmailReverted(ChangeOutcome.DONE, NoticeInput(event_id, HASHES.workflow_key(event_id)))


class FakeUsernameChange:
    def __init__(self, codes: FakeCodes) -> None:
        self._codes = codes
        self.started = FakeActivity[BeginUsernameChange, ChangeStarted](lambda _: ChangeStarted(ChangeOutcome.DONE))
        self.applied = FakeActivity[ApplyUsernameChange, ChangeOutcome](lambda _: ChangeOutcome.DONE)
        self.released = FakeActivity[ReleaseUsernameChange, None](lambda _: None)

    @activity.defn(name="username_change.begin")
    async def begin(self, command: BeginUsernameChange) -> ChangeStarted:
        return await self.started.call(command)

    @activity.defn(name="username_change.finish")
    async def finish(self, command: FinishUsernameChange) -> ChangeOutcome | None:
        return await self.applied.call(command.change) if await self._codes.check(command.check) else None

    @activity.defn(name="username_change.swap")
    async def apply(self, command: ApplyUsernameChange) -> ChangeOutcome:
        return await self.applied.call(command)

    @activity.defn(name="username_change.release")
    async def release(self, command: ReleaseUsernameChange) -> None:
        return await self.released.call(command)


class FakeEmailChange:
    """No address belongs to an account until a test says so."""

    def __init__(self, codes: FakeCodes) -> None:
        self._codes = codes
        self.started = FakeActivity[BeginEmailChange, ChangeStarted](lambda _: ChangeStarted(ChangeOutcome.DONE))
        self.holder_found = FakeActivity[FindAddressHolder, MailInput | None](lambda _: None)
        self.applied = FakeActivity[ApplyEmailChange, EmailChangeApplied](email_change_applied)
        self.released = FakeActivity[ReleaseEmailChange, None](lambda _: None)

    @activity.defn(name="email_change.begin")
    async def begin(self, command: BeginEmailChange) -> ChangeStarted:
        return await self.started.call(command)

    @activity.defn(name="email_change.find_taken")
    async def find_address_holder(self, command: FindAddressHolder) -> MailInput | None:
        return await self.holder_found.call(command)

    @activity.defn(name="email_change.finish")
    async def finish(self, command: FinishEmailChange) -> EmailChangeApplied | None:
        return await self.applied.call(command.change) if await self._codes.check(command.check) else None

    @activity.defn(name="email_change.swap")
    async def apply(self, command: ApplyEmailChange) -> EmailChangeApplied:
        return await self.applied.call(command)

    @activity.defn(name="email_change.release")
    async def release(self, command: ReleaseEmailChange) -> None:
        return await self.released.call(command)


class FakeEmailRevert:
    def __init__(self, codes: FakeCodes) -> None:
        self._codes = codes
        self.reverted = FakeActivity[RevertEmail, EmailReverted](email_reverted)

    @activity.defn(name="email_revert.finish")
    async def finish(self, command: FinishEmailRevert) -> EmailReverted | None:
        return await self.reverted.call(command.revert) if await self._codes.check(command.check) else None

    @activity.defn(name="email_revert.revert")
    async def revert(self, command: RevertEmail) -> EmailReverted:
        return await self.reverted.call(command)
