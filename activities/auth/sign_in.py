"""The two results of a sign-in: a session, or a record that only the first proof was given."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from temporalio import activity

from activities.delivery.mail import MailInput
from domain.auth.devices import DeviceInfo, DeviceInput
from domain.auth.sessions import AuthStrength, new_session
from domain.delivery.mail import MailKind
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import Role

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.auth.sessions import SessionStore
    from adapters.mongo.users.security_events import SecurityEventStore
    from adapters.redis.session_invalidations import SessionInvalidations

WARN_AFTER_COUNT = 3
WARNING_WINDOW = timedelta(days=1)
"""The owner is warned once WARN_AFTER_COUNT sign-ins were abandoned within this time."""


@dataclass(frozen=True)
class OpenSession:
    """`owner`: the workflow id, which makes a repeat idempotent; `epoch`: the account's at the login."""

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


@dataclass(frozen=True)
class AbandonedSignIn:
    """A sign-in from an unknown device that was not completed. `user_key`: the keyed hash of the user id."""

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
        sessions: "SessionStore",
        events: "SecurityEventStore",
        invalidations: "SessionInvalidations",
        hashes: "KeyedHashes",
    ) -> None:
        self._sessions = sessions
        self._events = events
        self._invalidations = invalidations
        self._hashes = hashes

    @activity.defn(name="sign_in.open_session")
    async def open_session(self, command: OpenSession) -> str | None:
        """Open the session and return its id; None when the account or the device has become invalid meanwhile."""
        fingerprint = self._hashes.fingerprint_hash(command.user_id, command.device.fingerprint_typed)
        facts = DeviceInfo(fingerprint, command.device.browser, command.device.device)
        opening = new_session(
            self._event(
                command.owner, command.user_id, EventKind.SIGNED_IN, command.now, facts.label, command.address_prefix
            ),
            facts,
            session_id=self._hashes.derive_object_id(command.owner, "session"),
            username=command.username,
            role=command.role,
            device_id=self._hashes.device_id(command.user_id, fingerprint),
            app=command.device.app,
            auth_strength=(command.first_proof, AuthStrength.OTP)
            if command.has_second_factor
            else (command.first_proof,),
            epoch=command.epoch,
            trusts_device=command.trusts_device,
            is_stepped_up=command.first_proof.counts_as_step_up,
        )
        if not await self._sessions.open(opening):
            return None
        await self._invalidations.publish_account_changed(command.user_id)
        return opening.session.session_id

    @activity.defn(name="sign_in.note_abandoned")
    async def record_abandoned(self, command: AbandonedSignIn) -> MailInput | None:
        """Record the event. Returns the day's one warning to the owner from the third within a day on, else None."""
        warning, kind = command, EventKind.SIGN_IN_ABANDONED
        await self._events.record(
            self._event(warning.owner, warning.user_id, kind, warning.at, warning.device_label, warning.address_prefix)
        )
        if await self._events.count_since(warning.user_id, kind, warning.at - WARNING_WINDOW) < WARN_AFTER_COUNT:
            return None
        return MailInput(
            key=f"sign-in-warning.{warning.user_key}.{warning.at:%Y%m%d}",
            kind=MailKind.SIGN_IN_WARNING,
            recipient=warning.email_address,
            variables={"username": warning.username, "device": warning.device_label, "origin": warning.address_prefix},
        )

    def _event(
        self, workflow_id: str, user_id: str, kind: EventKind, at: datetime, device: str, client_network: str
    ) -> SecurityEvent:
        return SecurityEvent(
            self._hashes.derive_object_id(workflow_id, "event"), user_id, kind, at, device, client_network
        )
