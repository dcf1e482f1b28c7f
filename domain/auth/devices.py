"""Devices that users sign in from, as the browser or app describes them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class DeviceInput:
    """A device as the client sends it, and the app to sign in to. `fingerprint_typed` is not hashed yet."""

    fingerprint_typed: str
    browser: str
    device: str
    app: str

    @property
    def label(self) -> str:
        """The name of the device in mails and lists."""
        return device_label(self.browser, self.device)


def device_label(browser: str, device: str) -> str:
    """Return the name of a device in mails and lists."""
    return f"{browser}, {device}"


@dataclass(frozen=True)
class DeviceInfo:
    """A device description. `fingerprint` is the keyed hash of what the client sent, never the value itself."""

    fingerprint: str
    browser: str
    device: str

    @property
    def label(self) -> str:
        """The name of the device in mails and lists."""
        return device_label(self.browser, self.device)


@dataclass(frozen=True)
class Device:
    """A stored device of a user. `fingerprint` is the keyed hash of what the client sent; `trusted_at` is None until
    the device is trusted.
    """

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
        """The description of the device, without its owner and state."""
        return DeviceInfo(self.fingerprint, self.browser, self.device)
