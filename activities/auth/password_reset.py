"""The end of a password reset: the new password is in force, every session is over."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.users.security_notices import NoticeOrder
from domain.users.security_events import EventKind, SecurityEvent

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.auth.passwords import PasswordStore
    from adapters.redis.session_invalidations import SessionHints


@dataclass(frozen=True)
class ResetPassword:
    """`owner` is the workflow id: resetting twice is resetting once. `email_address` is the one that was proved."""

    owner: str
    user_id: str
    password_hashed: str
    now: datetime
    address_prefix: str
    email_address: str | None = None


class PasswordResetActivities:
    def __init__(self, passwords: "PasswordStore", hints: "SessionHints", hashes: "Hashes") -> None:
        self._passwords = passwords
        self._hints = hints
        self._hashes = hashes

    @activity.defn(name="password_reset.change")
    async def change(self, reset: ResetPassword) -> NoticeOrder | None:
        """The notice that the owner is owed now. None for an account that is not there, or not at this address, any
        more.
        """
        event_id = self._hashes.object_id(reset.owner, "event")
        kind, prefix = EventKind.PASSWORD_RESET, reset.address_prefix
        event = SecurityEvent(event_id, reset.user_id, kind, reset.now, address_prefix=prefix)
        if not await self._passwords.change(event, reset.password_hashed, address=reset.email_address):
            return None
        await self._hints.account_changed(reset.user_id)
        return NoticeOrder(event_id, self._hashes.workflow_key(event_id))
