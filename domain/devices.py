"""A device a person signs in from, as its browser or app describes it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DeviceFields:
    """What a client says of its device, and the app it signs in to."""

    fingerprint_typed: str
    browser: str
    device: str
    app: str


@dataclass(frozen=True)
class DeviceFacts:
    """`fingerprint` is the keyed hash of what the client sent, never the value itself."""

    fingerprint: str
    browser: str
    device: str


@dataclass(frozen=True)
class Device:
    device_id: str
    user_id: str
    fingerprint: str
    browser: str
    device: str
    is_trusted: bool
    trusted_at: datetime | None
    last_seen_at: datetime
