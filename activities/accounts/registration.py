"""The steps of a registration: hold the username, create the account with its first session, release the hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.codes import CheckCode, is_right
from domain.accounts.registration import AccountCreationOutcome, AddressHolder, RegistrationStart
from domain.auth.devices import DeviceInfo, DeviceInput
from domain.auth.sessions import AuthStrength, NewSession, new_session
from domain.email_address import email_key
from domain.flows import FlowKind
from domain.journal.flow_ends import FlowRef
from domain.username import username_key
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import NewUser, Role

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.crypto.one_time_codes import OneTimeCodes
    from adapters.mongo.accounts.address_holders import AddressHolders
    from adapters.mongo.accounts.registration import RegistrationStore
    from adapters.mongo.users.users import UserStore


@dataclass(frozen=True)
class HoldUsername:
    """`owner`: the workflow id, which makes a repeat after a crash or a reset idempotent; `until`: the hold's end.

    Registrations of one `email_address` hold a name together.
    """

    username: str
    owner: str
    until: datetime
    now: datetime
    email_address: str = ""


@dataclass(frozen=True)
class ReserveSlot:
    """`address_key`: the keyed hash of the client's network; `owner`: the workflow id."""

    address_key: str
    owner: str
    until: datetime
    now: datetime


@dataclass(frozen=True)
class BeginRegistration:
    """`slot`: also take a slot of the network, unless None."""

    hold: HoldUsername
    slot: ReserveSlot | None = None


@dataclass(frozen=True)
class ReleaseUsername:
    """`owner`: the workflow id; `address_key`: also release a slot of this network, unless empty."""

    username: str
    owner: str
    address_key: str = ""


@dataclass(frozen=True)
class CreateAccount:
    """`owner`: the workflow id; `device`: open the first session on this device and trust it, unless None.
    `address_prefix`: where the code was typed.
    """

    username: str
    email_address: str
    password_hashed: str
    owner: str
    now: datetime
    device: DeviceInput | None = None
    address_key: str = ""
    address_prefix: str | None = None


@dataclass(frozen=True)
class FinishRegistration:
    """`check`: the typed code, which decides whether `account` is created."""

    check: CheckCode
    account: CreateAccount


@dataclass(frozen=True)
class AccountCreated:
    """The ids are valid only with CREATED. `user_key`: the keyed hash of the user id, for workflow ids. `holder`: who
    has the address, with EMAIL_TAKEN.
    """

    creation: AccountCreationOutcome
    user_id: str
    user_key: str
    session_id: str | None = None
    holder: AddressHolder | None = None


class RegistrationActivities:
    """Activities of the Registration workflow.

    `max_slots`: open registrations that one network may have. `wake_graph_sync`: takes the id of a new user.
    """

    def __init__(
        self,
        registrations: "RegistrationStore",
        address_holders: "AddressHolders",
        users: "UserStore",
        hashes: "KeyedHashes",
        codes: "OneTimeCodes",
        wake_graph_sync: Callable[[str], None],
        *,
        max_slots: int,
    ) -> None:
        self._registrations = registrations
        self._address_holders = address_holders
        self._users = users
        self._hashes = hashes
        self._codes = codes
        self._wake_graph_sync = wake_graph_sync
        self._max_slots = max_slots

    @activity.defn(name="registration.begin")
    async def begin(self, command: BeginRegistration) -> RegistrationStart:
        """Hold the username and take a slot of the network: both or neither."""
        hold = command.hold
        if not await self.hold_username(hold):
            return RegistrationStart.USERNAME_TAKEN
        if command.slot and not await self.reserve_slot(command.slot):
            await self.release_username(ReleaseUsername(hold.username, hold.owner))
            return RegistrationStart.NETWORK_FULL
        return RegistrationStart.BEGUN

    @activity.defn(name="registration.finish")
    async def finish(self, command: FinishRegistration) -> AccountCreated | None:
        """Create the account if the code is right, as `create_account` does; None for a wrong code."""
        if not is_right(self._codes, command.check):
            return None
        created = await self.create_account(command.account)
        if created.creation is AccountCreationOutcome.CREATED:
            self._wake_graph_sync(created.user_id)
        return created

    @activity.defn(name="registration.hold_username")
    async def hold_username(self, command: HoldUsername) -> bool:
        """Hold the username for this flow. Returns whether it is held now.

        The hold comes before the read of the accounts, so that no account can take the name in between.
        """
        key = self._hold_key(command.username)
        if not await self._registrations.reserve_username(
            key,
            applicant=self._applicant(command),
            workflow_id=command.owner,
            until=command.until,
            now=command.now,
        ):
            return False
        account_id = await self._users.find_id_by_username(username_key(command.username))
        if account_id in (None, self._user_id(command.owner)):
            return True
        await self._registrations.release_username(key, workflow_id=command.owner)
        return False

    @activity.defn(name="registration.take_place")
    async def reserve_slot(self, command: ReserveSlot) -> bool:
        """Take a slot of the network for an unverified registration. Returns whether one was free.

        A slot is a hold like that of a username, so the store decides between concurrent registrations.
        """
        for key in self._slot_keys(command.address_key):
            if await self._registrations.reserve(key, workflow_id=command.owner, until=command.until, now=command.now):
                return True
        return False

    @activity.defn(name="registration.release_username")
    async def release_username(self, command: ReleaseUsername) -> None:
        """Release the hold on the username and the network's slot, if this flow has them."""
        await self._registrations.release_username(self._hold_key(command.username), workflow_id=command.owner)
        await self._release_slot(command.address_key, command.owner)

    @activity.defn(name="registration.create_account")
    async def create_account(self, command: CreateAccount) -> AccountCreated:
        """Turn the hold into an account. Idempotent: all ids are derived from the workflow id."""
        user_id = self._user_id(command.owner)
        new = NewUser(user_id, command.username, command.email_address, command.password_hashed, command.now)
        registered = self._registered(command, user_id)
        first = self._first_session(command, command.device, registered) if command.device else None
        creation = await self._registrations.create_user(
            new,
            registered,
            hold_key=self._hold_key(command.username),
            workflow_id=command.owner,
            first_session=first,
        )
        if creation is AccountCreationOutcome.CREATED:
            await self._release_slot(command.address_key, command.owner)
        session_id = first.session.session_id if first else None
        holder = None
        if creation is AccountCreationOutcome.EMAIL_TAKEN:
            holder = await self._address_holders.find(command.email_address, command.now)
        return AccountCreated(creation, user_id, self._hashes.workflow_key(user_id), session_id, holder)

    def _registered(self, command: CreateAccount, user_id: str) -> SecurityEvent:
        """Return the event that completes the registration."""
        event_id = self._hashes.derive_object_id(command.owner, "event")
        flow = FlowRef(FlowKind.REGISTRATION, command.owner)
        return SecurityEvent(
            event_id,
            user_id,
            EventKind.REGISTERED,
            command.now,
            device=command.device.label if command.device else None,
            address_prefix=command.address_prefix,
            completes=flow,
        )

    def _first_session(self, command: CreateAccount, device: DeviceInput, registered: SecurityEvent) -> NewSession:
        """Return the first session, on a device that is trusted: the user has just proved address and password."""
        user_id = registered.user_id
        facts = DeviceInfo(
            self._hashes.fingerprint_hash(user_id, device.fingerprint_typed), device.browser, device.device
        )
        return new_session(
            replace(registered, device=facts.label),
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
        if address_key:
            await self._registrations.release_all(self._slot_keys(address_key), workflow_id=workflow_id)

    def _slot_keys(self, address_key: str) -> Sequence[str]:
        """Return the hold keys of the network's slots."""
        return [self._hashes.slot_key(address_key, number) for number in range(self._max_slots)]

    def _applicant(self, command: HoldUsername) -> str:
        """Return who asks for the name; a message of before has no address, and its flow stands for itself."""
        address = command.email_address
        return self._hashes.email_hold_key(email_key(address)) if address else command.owner

    def _user_id(self, workflow_id: str) -> str:
        return self._hashes.derive_object_id(workflow_id, "user")

    def _hold_key(self, username: str) -> str:
        return self._hashes.username_hold_key(username_key(username))
