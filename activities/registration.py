"""The writes of a registration: hold the name, make the account, let the name go."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.registration import Creation
from domain.username import username_key
from domain.users import NewUser

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.registration import RegistrationStore
    from adapters.mongo.users import UserStore


@dataclass(frozen=True)
class HoldUsername:
    """`owner` is the workflow id: holding again after a crash or a reset is holding once."""

    username: str
    owner: str
    until: datetime
    now: datetime


@dataclass(frozen=True)
class ReleaseUsername:
    username: str
    owner: str


@dataclass(frozen=True)
class CreateAccount:
    username: str
    email_address: str
    email_key: str
    password_hashed: str
    owner: str
    now: datetime


@dataclass(frozen=True)
class AccountCreated:
    """The ids name the account, which is there only with CREATED. `user_key` is for workflow ids."""

    creation: Creation
    user_id: str
    user_key: str


class RegistrationActivities:
    def __init__(self, registrations: "RegistrationStore", users: "UserStore", hashes: "Hashes") -> None:
        self._registrations = registrations
        self._users = users
        self._hashes = hashes

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

    @activity.defn(name="registration.release_username")
    async def release_username(self, release: ReleaseUsername) -> None:
        await self._registrations.release_hold(self._hold_key(release.username), owner=release.owner)

    @activity.defn(name="registration.create_account")
    async def create_account(self, create: CreateAccount) -> AccountCreated:
        """Turn the hold into an account. The user id is derived from the flow: twice is once."""
        new = NewUser(
            user_id=self._user_id(create.owner),
            username=create.username,
            email_address=create.email_address,
            password_hashed=create.password_hashed,
            created_at=create.now,
        )
        creation = await self._registrations.create_user(
            new,
            username_key=username_key(create.username),
            email_key=create.email_key,
            hold_key=self._hold_key(create.username),
            owner=create.owner,
        )
        return AccountCreated(creation, new.user_id, self._hashes.workflow_key(new.user_id))

    def _user_id(self, owner: str) -> str:
        return self._hashes.object_id(owner, "user")

    def _hold_key(self, username: str) -> str:
        return self._hashes.username_hold(username_key(username))
