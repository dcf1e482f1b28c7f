"""Registration, as a fake does it."""

from temporalio import activity

from activities.accounts.registration import (
    AccountCreated,
    BeginRegistration,
    CreateAccount,
    FinishRegistration,
    HoldUsername,
    ReleaseUsername,
    ReserveSlot,
)
from domain.accounts.registration import AccountCreationOutcome, RegistrationStart
from tests.support.keys import HASHES
from tests.workflows.fakes.codes import FakeCodes
from tests.workflows.fakes.fake_activity import FakeActivity


def account_of(
    create: CreateAccount, creation: AccountCreationOutcome = AccountCreationOutcome.CREATED
) -> AccountCreated:
    """What becomes of a flow's account; all ids are derived from the flow, as in the product."""
    user_id = HASHES.derive_object_id(create.owner, "user")
    session_id = HASHES.derive_object_id(create.owner, "session") if create.device else None
    return AccountCreated(creation, user_id, HASHES.workflow_key(user_id), session_id)


class FakeRegistration:
    def __init__(self, codes: FakeCodes) -> None:
        self._codes = codes
        self.hold = FakeActivity[HoldUsername, bool](lambda _: True)
        self.slot = FakeActivity[ReserveSlot, bool](lambda _: True)
        self.release = FakeActivity[ReleaseUsername, None](lambda _: None)
        self.create = FakeActivity[CreateAccount, AccountCreated](account_of)

    def released_by(self) -> set[str]:
        """Workflow ids that released a name. As a local activity the release may run twice: its task is repeated."""
        return {release.owner for release in self.release.calls}

    @activity.defn(name="registration.begin")
    async def begin(self, command: BeginRegistration) -> RegistrationStart:
        if not await self.hold.call(command.hold):
            return RegistrationStart.USERNAME_TAKEN
        if command.slot and not await self.slot.call(command.slot):
            await self.release.call(ReleaseUsername(command.hold.username, command.hold.owner))
            return RegistrationStart.NETWORK_FULL
        return RegistrationStart.BEGUN

    @activity.defn(name="registration.finish")
    async def finish(self, command: FinishRegistration) -> AccountCreated | None:
        return await self.create.call(command.account) if await self._codes.check(command.check) else None

    @activity.defn(name="registration.hold_username")
    async def hold_username(self, command: HoldUsername) -> bool:
        return await self.hold.call(command)

    @activity.defn(name="registration.take_place")
    async def reserve_slot(self, command: ReserveSlot) -> bool:
        return await self.slot.call(command)

    @activity.defn(name="registration.release_username")
    async def release_username(self, command: ReleaseUsername) -> None:
        return await self.release.call(command)

    @activity.defn(name="registration.create_account")
    async def create_account(self, command: CreateAccount) -> AccountCreated:
        return await self.create.call(command)
