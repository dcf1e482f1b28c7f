"""The write of a password reset: set the new password and end every session."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.users.security_notices import NoticeInput
from domain.users.security_events import EventKind, SecurityEvent

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.auth.password_hashes import PasswordStore
    from adapters.redis.session_invalidations import SessionInvalidations


@dataclass(frozen=True)
class ResetPassword:
    """`owner`: the workflow id, which makes a repeat idempotent; `email_address`: the one the code was mailed to.

    `epoch`: the account's when the reset was asked for; None in a reset older than the field. `has_second_factor`: one
    was checked; False when the account had none a moment ago.
    """

    owner: str
    user_id: str
    password_hashed: str
    now: datetime
    address_prefix: str
    email_address: str | None = None
    epoch: int | None = None
    has_second_factor: bool = True


class PasswordResetActivities:
    """Activities of the PasswordReset workflow."""

    def __init__(
        self, passwords: "PasswordStore", invalidations: "SessionInvalidations", hashes: "KeyedHashes"
    ) -> None:
        self._passwords = passwords
        self._invalidations = invalidations
        self._hashes = hashes

    @activity.defn(name="password_reset.change")
    async def change(self, command: ResetPassword) -> NoticeInput | None:
        """Set the password. Returns the notice to send to the owner; None if the account no longer exists, has another
        address or epoch, or has a second factor that was not checked.
        """
        event_id = self._hashes.derive_object_id(command.owner, "event")
        kind, prefix = EventKind.PASSWORD_RESET, command.address_prefix
        event = SecurityEvent(event_id, command.user_id, kind, command.now, address_prefix=prefix)
        is_set = await self._passwords.reset(
            event,
            command.password_hashed,
            email_address=command.email_address,
            epoch=command.epoch,
            has_second_factor=command.has_second_factor,
        )
        if not is_set:
            return None
        await self._invalidations.publish_account_changed(command.user_id)
        return NoticeInput(event_id, self._hashes.workflow_key(event_id))
