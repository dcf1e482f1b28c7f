"""Opens the session that a flow ends in. Tokens are derived by the API; none passes through here."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.devices import DeviceFacts, DeviceFields
from domain.sessions import AuthStrength, new_session

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.sessions import SessionStore


@dataclass(frozen=True)
class OpenSession:
    """`owner` is the workflow id: one flow opens one session, however often it is asked."""

    user_id: str
    owner: str
    device: DeviceFields
    auth_strength: tuple[AuthStrength, ...]
    epoch: int
    now: datetime


class SessionActivities:
    def __init__(self, sessions: "SessionStore", hashes: "Hashes") -> None:
        self._sessions = sessions
        self._hashes = hashes

    @activity.defn(name="sessions.open")
    async def open(self, ask: OpenSession) -> str:
        """Trust the device and open the session in one transaction. Returns the session id."""
        fingerprint = self._hashes.fingerprint(ask.user_id, ask.device.fingerprint_typed)
        session = new_session(
            session_id=self._hashes.object_id(ask.owner, "session"),
            user_id=ask.user_id,
            device_id=self._hashes.object_id(ask.user_id, f"device|{fingerprint}"),
            app=ask.device.app,
            auth_strength=ask.auth_strength,
            epoch=ask.epoch,
            now=ask.now,
        )
        await self._sessions.open(session, DeviceFacts(fingerprint, ask.device.browser, ask.device.device))
        return session.session_id
