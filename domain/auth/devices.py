"""A device a person signs in from, as its browser or app describes it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DeviceInput:
    """What a client says of its device, and the app it signs in to."""

    fingerprint_typed: str
    browser: str
    device: str
    app: str


def device_label(browser: str, device: str) -> str:
    """How mails and lists name a device."""
    return f"{browser}, {device}"


@dataclass(frozen=True)
class DeviceInfo:
    """`fingerprint` is the keyed hash of what the client sent, never the value itself."""

    fingerprint: str
    browser: str
    device: str

    @property
    def label(self) -> str:
        return device_label(self.browser, self.device)


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

    @property
    def info(self) -> DeviceInfo:
        return DeviceInfo(self.fingerprint, self.browser, self.device)
