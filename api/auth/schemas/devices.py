"""Devices that an account trusts."""

from collections.abc import Sequence

from pydantic import Field

from api.auth.schemas.sessions import SessionFacts
from api.schemas.envelope import View
from api.schemas.fields import ObjectId, Timestamp
from api.schemas.step_up import StepUpBody
from domain.auth.devices import Device
from domain.auth.sessions import Session


class RevokeDeviceRequest(StepUpBody):
    device_fingerprint_id: ObjectId


class TrustedDevice(View):
    """`current`: the one that asks."""

    device_id: str = Field(serialization_alias="_id")
    device: str
    browser: str
    is_trusted: bool
    trusted_at: Timestamp | None
    last_seen_at: Timestamp
    current: bool
    sessions: list[SessionFacts]

    @classmethod
    def of(cls, device: Device, sessions: Sequence[Session], *, is_current: bool) -> "TrustedDevice":
        return cls(
            device_id=device.device_id,
            device=device.device,
            browser=device.browser,
            is_trusted=device.is_trusted,
            trusted_at=device.trusted_at,
            last_seen_at=device.last_seen_at,
            current=is_current,
            sessions=[SessionFacts.of(session) for session in sessions],
        )


class TrustedDevices(View):
    devices: list[TrustedDevice]
