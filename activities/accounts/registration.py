"""The writes of a registration: hold the name, make the account with its first session, let the name go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.accounts.registration import Creation
from domain.auth.devices import DeviceFacts, DeviceFields
from domain.auth.sessions import AuthStrength, Opening, opening_of
from domain.username import username_key
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import NewUser, Role

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.accounts.registration import RegistrationStore
    from adapters.mongo.users.users import UserStore


@dataclass(frozen=True)
class HoldUsername:
    """`owner` is the workflow id: holding again after a crash or a reset is holding once."""

    username: str
    owner: str
    until: datetime
    now: datetime


@dataclass(frozen=True)
class TakePlace:
    """`address_key` stands for the network the registration comes from."""

    address_key: str
    owner: str
    until: datetime
    now: datetime


@dataclass(frozen=True)
class ReleaseUsername:
    """With `address_key`, the place goes too."""

    username: str
    owner: str
    address_key: str = ""


@dataclass(frozen=True)
class CreateAccount:
    """With `device`, the account begins with a session on it, and trusts it."""

    username: str
    email_address: str
    password_hashed: str
    owner: str
    now: datetime
    device: DeviceFields | None = None
    address_key: str = ""


@dataclass(frozen=True)
class AccountCreated:
    """The ids name what is there only with CREATED. `user_key` stands for the user in workflow ids."""

    creation: Creation
    user_id: str
    user_key: str
    session_id: str | None = None


class RegistrationActivities:
    def __init__(
        self, registrations: "RegistrationStore", users: "UserStore", hashes: "Hashes", *, places: int
    ) -> None:
        self._registrations = registrations
        self._users = users
        self._hashes = hashes
        self._places = places

    @activity.defn(name="registration.hold_username")
    async def hold_username(self, hold: HoldUsername) -> bool:
        """Whether the name is held for this flow now. The hold comes first, then the accounts are read."""
        key = self._hold_key(hold.username)
        if not await self._registrations.take_hold(key, owner=hold.owner, until=hold.until, now=hold.now):
            return False
        bearer = await self._users.find_username_owner(username_key(hold.username))
        if bearer in (None, self._user_id(hold.owner)):
            return True
        await self._registrations.release_hold(key, owner=hold.owner)
        return False

    @activity.defn(name="registration.take_place")
    async def take_place(self, take: TakePlace) -> bool:
        """Whether the network has a place left for one more unproved registration. A place is a hold like a
        name's, so the store decides between registrations that come side by side.
        """
        for key in self._place_keys(take.address_key):
            if await self._registrations.take_hold(key, owner=take.owner, until=take.until, now=take.now):
                return True
        return False

    @activity.defn(name="registration.release_username")
    async def release_username(self, release: ReleaseUsername) -> None:
        await self._registrations.release_hold(self._hold_key(release.username), owner=release.owner)
        await self._leave_place(release.address_key, release.owner)

    @activity.defn(name="registration.create_account")
    async def create_account(self, create: CreateAccount) -> AccountCreated:
        """Turn the hold into an account. All ids are derived from the flow: twice is once."""
        user_id = self._user_id(create.owner)
        new = NewUser(user_id, create.username, create.email_address, create.password_hashed, create.now)
        first = self._first_session(create, create.device, user_id) if create.device else None
        creation = await self._registrations.create_user(
            new, hold_key=self._hold_key(create.username), owner=create.owner, first=first
        )
        if creation is Creation.CREATED:
            await self._leave_place(create.address_key, create.owner)
        session_id = first.session.session_id if first else None
        return AccountCreated(creation, user_id, self._hashes.workflow_key(user_id), session_id)

    def _first_session(self, create: CreateAccount, device: DeviceFields, user_id: str) -> Opening:
        """The person has just proved address and password, on a device that is trusted from now on."""
        facts = DeviceFacts(self._hashes.fingerprint(user_id, device.fingerprint_typed), device.browser, device.device)
        event_id = self._hashes.object_id(create.owner, "event")
        return opening_of(
            SecurityEvent(event_id, user_id, EventKind.REGISTERED, create.now, facts.label),
            facts,
            session_id=self._hashes.object_id(create.owner, "session"),
            username=create.username,
            role=Role.USER,
            device_id=self._hashes.device_id(user_id, facts.fingerprint),
            app=device.app,
            auth_strength=(AuthStrength.PASSWORD,),
            epoch=0,
            trusts_device=True,
        )

    async def _leave_place(self, address_key: str, owner: str) -> None:
        for key in self._place_keys(address_key):
            await self._registrations.release_hold(key, owner=owner)

    def _place_keys(self, address_key: str) -> Sequence[str]:
        """None for a registration that takes no place."""
        return [self._hashes.place(address_key, number) for number in range(self._places)] if address_key else []

    def _user_id(self, owner: str) -> str:
        return self._hashes.object_id(owner, "user")

    def _hold_key(self, username: str) -> str:
        return self._hashes.username_hold(username_key(username))
