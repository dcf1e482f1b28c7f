"""The activities of one registration, and who holds a name meanwhile."""

from datetime import UTC, datetime, timedelta

from temporalio.testing import ActivityEnvironment

from activities.accounts.registration import (
    AccountCreated,
    CreateAccount,
    HoldUsername,
    RegistrationActivities,
    ReleaseUsername,
)
from adapters.resources import Resources
from domain.auth.devices import DeviceInput
from tests.support.people import Person


class Steps:
    """The activities of one registration, under the id of its workflow."""

    def __init__(self, environment: ActivityEnvironment, resources: Resources, owner: str) -> None:
        self._run = environment.run
        stores, places = resources.accounts, resources.policies.open_holds
        self._activities = RegistrationActivities(
            stores.registrations,
            stores.address_holders,
            resources.users.users,
            resources.hashes,
            resources.codes,
            max_slots=places,
        )
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
        device = DeviceInput(person.fingerprint, "Firefox 145", "Linux", "decode") if has_device else None
        order = CreateAccount(person.username, person.email, "hashed", self.owner, datetime.now(UTC), device)
        created: AccountCreated = await self._run(self._activities.create_account, order)
        return created


async def holder_of(resources: Resources, username: str) -> str | None:
    key = resources.hashes.username_hold_key(username.casefold())
    hold = await resources.clients.database["holds"].find_one({"key": key})
    return hold["owner"] if hold else None
