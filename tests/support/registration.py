"""The activities of one registration, and who holds a name meanwhile."""

from datetime import UTC, datetime, timedelta

from temporalio.testing import ActivityEnvironment

from activities.accounts.registration import (
    AccountCreated,
    CreateAccount,
    FinishRegistration,
    HoldUsername,
    RegistrationActivities,
    ReleaseUsername,
)
from activities.codes import CheckCode, CodeIssue
from adapters.resources import Resources
from domain.auth.devices import DeviceInput
from domain.codes import CodePurpose
from domain.flows import FlowKind
from tests.support.people import Person


class Steps:
    """The activities of one registration, under the id of its workflow."""

    def __init__(self, environment: ActivityEnvironment, resources: Resources, owner: str) -> None:
        self._run = environment.run
        self.woken: list[str] = []
        stores, places = resources.accounts, resources.policies.open_holds
        self._activities = RegistrationActivities(
            stores.registrations,
            stores.address_holders,
            resources.users.users,
            resources.hashes,
            resources.codes,
            self.woken.append,
            max_slots=places,
        )
        self._resources = resources
        self.owner = owner

    async def hold(self, username: str, *, life: timedelta = timedelta(minutes=60), email: str = "") -> bool:
        now = datetime.now(UTC)
        held: bool = await self._run(
            self._activities.hold_username, HoldUsername(username, self.owner, now + life, now, email)
        )
        return held

    async def release(self, username: str) -> None:
        await self._run(self._activities.release_username, ReleaseUsername(username, self.owner))

    async def create(self, person: Person, *, has_device: bool = False) -> AccountCreated:
        created: AccountCreated = await self._run(
            self._activities.create_account, self._new(person, has_device=has_device)
        )
        return created

    async def finish(self, person: Person, *, is_decoy: bool = False) -> AccountCreated | None:
        codes, flow_id = self._resources.codes, self._resources.hashes.new_flow_id(FlowKind.REGISTRATION, None)
        issue = CodeIssue(flow_id, CodePurpose.CREATE_ACCOUNT, codes.current_key_id, 1)
        proof = self._resources.hashes.code_proof(flow_id, codes.code(**vars(issue)))
        order = FinishRegistration(CheckCode(issue, proof, is_decoy), self._new(person, has_device=False))
        created: AccountCreated | None = await self._run(self._activities.finish, order)
        return created

    def _new(self, person: Person, *, has_device: bool) -> CreateAccount:
        device = DeviceInput(person.fingerprint, "Firefox 145", "Linux", "decode") if has_device else None
        return CreateAccount(person.username, person.email, "hashed", self.owner, datetime.now(UTC), device)


async def holder_of(resources: Resources, username: str) -> str | None:
    key = resources.hashes.username_hold_key(username.casefold())
    hold = await resources.clients.database["holds"].find_one({"key": key})
    return hold["owner"] if hold else None
