"""The steps of a sign-in, which end in a session, or in a record that only the first proof was given."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from temporalio import activity

from activities.auth.two_factor import UseSecondFactor, use_event
from activities.codes import CheckCode, is_right
from activities.delivery.mail import MailInput
from domain.auth.devices import DeviceInfo, DeviceInput
from domain.auth.sessions import AuthStrength, NewSession, OpeningOutcome, new_session
from domain.auth.two_factor import SecondFactorVerdict
from domain.delivery.mail import MailKind
from domain.flows import FlowKind
from domain.journal.flow_ends import FlowRef
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import Role

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.crypto.one_time_codes import OneTimeCodes
    from adapters.mongo.auth.sign_in import SignInStore
    from adapters.mongo.auth.two_factor import TwoFactorStore
    from adapters.mongo.users.security_events import SecurityEventStore
    from adapters.mongo.users.users import UserStore
    from adapters.redis.session_invalidations import SessionInvalidations

WARN_AFTER_COUNT = 3
WARNING_WINDOW = timedelta(days=1)
"""The owner is warned once WARN_AFTER_COUNT sign-ins were abandoned within this time."""


@dataclass(frozen=True)
class OpenSession:
    """`owner`: the workflow id, which makes a repeat idempotent; `epoch`, `username`, `role`: the account's at the
    login; `has_second_factor`: one was proved; `wallet_address`: the wallet that was the first proof.
    """

    owner: str
    user_id: str
    username: str
    role: Role
    device: DeviceInput
    epoch: int
    has_second_factor: bool
    trusts_device: bool
    now: datetime
    address_prefix: str
    first_proof: AuthStrength = AuthStrength.PASSWORD
    wallet_address: str | None = None


@dataclass(frozen=True)
class ProveDeviceAndOpen:
    """`check`: the typed code, which decides whether the session is opened."""

    check: CheckCode
    opening: OpenSession


@dataclass(frozen=True)
class ProveSecondFactorAndOpen:
    """`use`: the second factor, which decides whether the session is opened, and with `trusts_device` trusts it too."""

    use: UseSecondFactor
    opening: OpenSession
    trusts_device: bool = False


@dataclass(frozen=True)
class SessionOpened:
    """`session_id`: the session, if the outcome is OPENED."""

    outcome: OpeningOutcome
    session_id: str | None = None


@dataclass(frozen=True)
class AbandonedSignIn:
    """A sign-in from an unknown device that was not completed. `user_key`: the keyed hash of the user id; `username`,
    `email_address`: the account's at the login.
    """

    owner: str
    user_id: str
    user_key: str
    username: str
    email_address: str
    device_label: str
    address_prefix: str
    at: datetime


class SignInActivities:
    """Activities of the SignIn workflow."""

    def __init__(
        self,
        sign_ins: "SignInStore",
        users: "UserStore",
        events: "SecurityEventStore",
        invalidations: "SessionInvalidations",
        hashes: "KeyedHashes",
        codes: "OneTimeCodes",
        two_factors: "TwoFactorStore",
    ) -> None:
        self._sign_ins = sign_ins
        self._users = users
        self._events = events
        self._invalidations = invalidations
        self._hashes = hashes
        self._codes = codes
        self._two_factors = two_factors

    @activity.defn(name="sign_in.prove_device")
    async def prove_device(self, command: ProveDeviceAndOpen) -> SessionOpened | None:
        """Open the session if the code is right, as `open` does; None for a wrong code."""
        return await self.open(command.opening) if is_right(self._codes, command.check) else None

    @activity.defn(name="sign_in.prove_second_factor")
    async def prove_second_factor(self, command: ProveSecondFactorAndOpen) -> SessionOpened | None:
        """Use the second factor up and open the session, as `open` does; None for a wrong one.

        Any is right once the account has none any more, and in a repeat of a step that has opened the session: the
        owner may have used a newer one since.
        """
        event, opening = use_event(self._hashes, command.use), command.opening
        if await self._two_factors.use(event, command.use.proof):
            trusts = opening.trusts_device or command.trusts_device
            return await self.open(replace(opening, has_second_factor=True, trusts_device=trusts))
        is_off = await self._two_factors.judge(event, command.use.proof) is SecondFactorVerdict.NOT_NEEDED
        return await self.open(opening) if is_off or await self._is_opened(opening) else None

    @activity.defn(name="sign_in.open")
    async def open(self, command: OpenSession) -> SessionOpened:
        """Open the session for the account as it is now. Idempotent: a repeat returns the session opened before."""
        opened = await self._sign_ins.open(self._new_session(command))
        if opened.session is None:
            return SessionOpened(opened.outcome)
        await self._invalidations.publish_account_changed(command.user_id)
        return SessionOpened(opened.outcome, opened.session.session_id)

    @activity.defn(name="sign_in.open_session")
    async def open_session(self, command: OpenSession) -> str | None:
        """As `open`, for flows that got here before it existed: the session's id, or None."""
        return (await self.open(command)).session_id

    @activity.defn(name="sign_in.note_abandoned")
    async def record_abandoned(self, command: AbandonedSignIn) -> MailInput | None:
        """Record the event. Returns the day's one warning to the owner from the third within a day on, else None.

        The warning goes to the address that the account has by now.
        """
        kind, label, prefix = EventKind.SIGN_IN_ABANDONED, command.device_label, command.address_prefix
        await self._events.record(self._event(command.owner, command.user_id, kind, command.at, label, prefix))
        if await self._events.count_since(command.user_id, kind, command.at - WARNING_WINDOW) < WARN_AFTER_COUNT:
            return None
        user = await self._users.find(command.user_id)
        if user is None:
            return None
        return MailInput(
            key=f"sign-in-warning.{command.user_key}.{command.at:%Y%m%d}",
            kind=MailKind.SIGN_IN_WARNING,
            recipient=user.email_address,
            variables={"username": user.username, "device": label, "origin": prefix},
        )

    async def _is_opened(self, command: OpenSession) -> bool:
        return await self._events.is_recorded(self._hashes.derive_object_id(command.owner, "event"))

    def _new_session(self, command: OpenSession) -> NewSession:
        fingerprint = self._hashes.fingerprint_hash(command.user_id, command.device.fingerprint_typed)
        facts = DeviceInfo(fingerprint, command.device.browser, command.device.device)
        kind, prefix, first = EventKind.SIGNED_IN, command.address_prefix, command.first_proof
        event = self._event(command.owner, command.user_id, kind, command.now, facts.label, prefix)
        return new_session(
            replace(event, completes=FlowRef(FlowKind.SIGN_IN, command.owner)),
            facts,
            session_id=self._hashes.derive_object_id(command.owner, "session"),
            username=command.username,
            role=command.role,
            device_id=self._hashes.device_id(command.user_id, fingerprint),
            app=command.device.app,
            auth_strength=(first, AuthStrength.OTP) if command.has_second_factor else (first,),
            epoch=command.epoch,
            trusts_device=command.trusts_device,
            is_stepped_up=first.counts_as_step_up,
            wallet_address=command.wallet_address,
        )

    def _event(
        self, workflow_id: str, user_id: str, kind: EventKind, at: datetime, device: str, client_network: str
    ) -> SecurityEvent:
        return SecurityEvent(
            self._hashes.derive_object_id(workflow_id, "event"), user_id, kind, at, device, client_network
        )
