"""The two ends of a sign-in: the session, or a note that somebody had the first proof and no more."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from temporalio import activity

from activities.delivery.mail import MailOrder
from domain.auth.devices import DeviceFacts, DeviceFields
from domain.auth.sessions import AuthStrength, opening_of
from domain.delivery.mail import MailKind
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import Role

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.auth.sessions import SessionStore
    from adapters.mongo.users.security_events import SecurityEventStore
    from adapters.redis.session_invalidations import SessionHints

WARN_AFTER = 3
WITHIN = timedelta(days=1)


@dataclass(frozen=True)
class OpenSession:
    """`owner` is the workflow id: opening twice is opening once. `epoch` is the account's at the login."""

    owner: str
    user_id: str
    username: str
    role: Role
    device: DeviceFields
    epoch: int
    has_second_factor: bool
    trusts_device: bool
    now: datetime
    address_prefix: str
    first_proof: AuthStrength = AuthStrength.PASSWORD


@dataclass(frozen=True)
class AbandonedSignIn:
    """A sign-in from an unknown device that nobody completed."""

    owner: str
    user_id: str
    user_key: str
    username: str
    email_address: str
    device_label: str
    address_prefix: str
    at: datetime


class SignInActivities:
    def __init__(
        self, sessions: "SessionStore", events: "SecurityEventStore", hints: "SessionHints", hashes: "Hashes"
    ) -> None:
        self._sessions = sessions
        self._events = events
        self._hints = hints
        self._hashes = hashes

    @activity.defn(name="sign_in.open_session")
    async def open_session(self, ask: OpenSession) -> str | None:
        """Id of the session. None when the account or the device has lost its standing meanwhile."""
        fingerprint = self._hashes.fingerprint(ask.user_id, ask.device.fingerprint_typed)
        facts = DeviceFacts(fingerprint, ask.device.browser, ask.device.device)
        opening = opening_of(
            self._event(ask.owner, ask.user_id, EventKind.SIGNED_IN, ask.now, facts.label, ask.address_prefix),
            facts,
            session_id=self._hashes.object_id(ask.owner, "session"),
            username=ask.username,
            role=ask.role,
            device_id=self._hashes.device_id(ask.user_id, fingerprint),
            app=ask.device.app,
            auth_strength=(ask.first_proof, AuthStrength.OTP) if ask.has_second_factor else (ask.first_proof,),
            epoch=ask.epoch,
            trusts_device=ask.trusts_device,
            is_stepped_up=ask.first_proof.steps_up,
        )
        if not await self._sessions.open(opening):
            return None
        await self._hints.account_changed(ask.user_id)
        return opening.session.session_id

    @activity.defn(name="sign_in.note_abandoned")
    async def note_abandoned(self, abandoned: AbandonedSignIn) -> MailOrder | None:
        """Record it. From the third within a day on: the day's one warning to the owner."""
        ask, kind = abandoned, EventKind.SIGN_IN_ABANDONED
        await self._events.record(
            self._event(ask.owner, ask.user_id, kind, ask.at, ask.device_label, ask.address_prefix)
        )
        if await self._events.count_since(ask.user_id, kind, ask.at - WITHIN) < WARN_AFTER:
            return None
        return MailOrder(
            key=f"sign-in-warning.{ask.user_key}.{ask.at:%Y%m%d}",
            kind=MailKind.SIGN_IN_WARNING,
            recipient=ask.email_address,
            variables={"username": ask.username, "device": ask.device_label, "origin": ask.address_prefix},
        )

    def _event(
        self, owner: str, user_id: str, kind: EventKind, at: datetime, device: str, address_prefix: str
    ) -> SecurityEvent:
        return SecurityEvent(self._hashes.object_id(owner, "event"), user_id, kind, at, device, address_prefix)
