"""The writes of a registration: hold the name, make the account with its first session, let the name go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.accounts.registration import AccountCreationOutcome
from domain.auth.devices import DeviceInfo, DeviceInput
from domain.auth.sessions import AuthStrength, NewSession, new_session
from domain.username import username_key
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import NewUser, Role

if TYPE_CHECKING:
    from adapters.crypto.hashes import KeyedHashes
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
class ReserveSlot:
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
    device: DeviceInput | None = None
    address_key: str = ""


@dataclass(frozen=True)
class AccountCreated:
    """The ids name what is there only with CREATED. `user_key` stands for the user in workflow ids."""

    creation: AccountCreationOutcome
    user_id: str
    user_key: str
    session_id: str | None = None


class RegistrationActivities:
    def __init__(
        self, registrations: "RegistrationStore", users: "UserStore", hashes: "KeyedHashes", *, max_slots: int
    ) -> None:
        self._registrations = registrations
        self._users = users
        self._hashes = hashes
        self._max_slots = max_slots

    @activity.defn(name="registration.hold_username")
    async def hold_username(self, command: HoldUsername) -> bool:
        """Whether the name is held for this flow now. The hold comes first, then the accounts are read."""
        key = self._hold_key(command.username)
        if not await self._registrations.reserve(key, workflow_id=command.owner, until=command.until, now=command.now):
            return False
        account_id = await self._users.find_id_by_username(username_key(command.username))
        if account_id in (None, self._user_id(command.owner)):
            return True
        await self._registrations.release(key, workflow_id=command.owner)
        return False

    @activity.defn(name="registration.take_place")
    async def reserve_slot(self, command: ReserveSlot) -> bool:
        """Whether the network has a place left for one more unproved registration. A place is a hold like a
        name's, so the store decides between registrations that come side by side.
        """
        for key in self._slot_keys(command.address_key):
            if await self._registrations.reserve(key, workflow_id=command.owner, until=command.until, now=command.now):
                return True
        return False

    @activity.defn(name="registration.release_username")
    async def release_username(self, command: ReleaseUsername) -> None:
        await self._registrations.release(self._hold_key(command.username), workflow_id=command.owner)
        await self._release_slot(command.address_key, command.owner)

    @activity.defn(name="registration.create_account")
    async def create_account(self, command: CreateAccount) -> AccountCreated:
        """Turn the hold into an account. All ids are derived from the flow: twice is once."""
        user_id = self._user_id(command.owner)
        new = NewUser(user_id, command.username, command.email_address, command.password_hashed, command.now)
        first = self._first_session(command, command.device, user_id) if command.device else None
        creation = await self._registrations.create_user(
            new, hold_key=self._hold_key(command.username), workflow_id=command.owner, first_session=first
        )
        if creation is AccountCreationOutcome.CREATED:
            await self._release_slot(command.address_key, command.owner)
        session_id = first.session.session_id if first else None
        return AccountCreated(creation, user_id, self._hashes.workflow_key(user_id), session_id)

    def _first_session(self, command: CreateAccount, device: DeviceInput, user_id: str) -> NewSession:
        """The person has just proved address and password, on a device that is trusted from now on."""
        facts = DeviceInfo(
            self._hashes.fingerprint_hash(user_id, device.fingerprint_typed), device.browser, device.device
        )
        event_id = self._hashes.derive_object_id(command.owner, "event")
        return new_session(
            SecurityEvent(event_id, user_id, EventKind.REGISTERED, command.now, facts.label),
            facts,
            session_id=self._hashes.derive_object_id(command.owner, "session"),
            username=command.username,
            role=Role.USER,
            device_id=self._hashes.device_id(user_id, facts.fingerprint),
            app=device.app,
            auth_strength=(AuthStrength.PASSWORD,),
            epoch=0,
            trusts_device=True,
        )

    async def _release_slot(self, address_key: str, workflow_id: str) -> None:
        for key in self._slot_keys(address_key):
            await self._registrations.release(key, workflow_id=workflow_id)

    def _slot_keys(self, address_key: str) -> Sequence[str]:
        """None for a registration that takes no place."""
        return [self._hashes.slot_key(address_key, number) for number in range(self._max_slots)] if address_key else []

    def _user_id(self, workflow_id: str) -> str:
        return self._hashes.derive_object_id(workflow_id, "user")

    def _hold_key(self, username: str) -> str:
        return self._hashes.username_hold_key(username_key(username))
