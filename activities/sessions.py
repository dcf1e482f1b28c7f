"""Opens the session that a sign-in ends in. Tokens are derived by the API; none passes through here."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from domain.devices import DeviceFacts, DeviceFields
from domain.security_events import EventKind, SecurityEvent
from domain.sessions import AuthStrength, Opening, new_session

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.sessions import SessionStore
