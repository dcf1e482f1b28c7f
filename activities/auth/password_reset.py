"""The steps of a password reset: judge code and second factor, set the new password, end every session."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.auth.two_factor import UseSecondFactor
from activities.codes import CheckCode
from activities.users.security_notices import NoticeInput
from domain.auth.password import ResetOutcome
from domain.auth.two_factor import SecondFactorVerdict
from domain.flows import FlowKind
from domain.journal.flow_ends import FlowRef
from domain.users.security_events import EventKind, SecurityEvent

if TYPE_CHECKING:
    from activities.auth.two_factor import TwoFactorActivities
    from activities.codes import CodeActivities
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.auth.password_hashes import PasswordStore
    from adapters.mongo.users.security_events import SecurityEventStore
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


@dataclass(frozen=True)
class ProveAndReset:
    """`check` and `use`: the typed code and the second factor, which decide whether `reset` is done. `is_weak`: the
    password is, so nothing is changed.
    """

    check: CheckCode
    use: UseSecondFactor
    reset: ResetPassword
    is_weak: bool


@dataclass(frozen=True)
class ResetResult:
    """`notice`: the one to send to the owner, if the outcome is DONE."""

    outcome: ResetOutcome
    notice: NoticeInput | None = None


class PasswordResetActivities:
    """Activities of the PasswordReset workflow."""

    def __init__(
        self,
        passwords: "PasswordStore",
        events: "SecurityEventStore",
        invalidations: "SessionInvalidations",
        hashes: "KeyedHashes",
        codes: "CodeActivities",
        two_factor: "TwoFactorActivities",
    ) -> None:
        self._passwords = passwords
        self._events = events
        self._invalidations = invalidations
        self._hashes = hashes
        self._codes = codes
        self._two_factor = two_factor

    @activity.defn(name="password_reset.prove_and_change")
    async def prove_and_change(self, command: ProveAndReset) -> ResetResult | None:
        """Set the password if epoch, code, second factor and strength allow it, judged in this order.

        None for a wrong code or second factor. The second factor is used up last. A repeat of a change that was made
        does not judge it again: its owner may have used a newer one since, or have enabled one.
        """
        is_right = await self._codes.check(command.check)
        if is_right is None:
            return ResetResult(ResetOutcome.GONE)
        if not is_right:
            return None
        if await self._events.is_recorded(self._event_id(command.reset)):
            return ResetResult(ResetOutcome.DONE, await self._announce(command.reset))
        verdict = await self._two_factor.judge(command.use)
        if verdict is SecondFactorVerdict.WRONG:
            return None
        if verdict is SecondFactorVerdict.MISSING:
            return ResetResult(ResetOutcome.SECOND_FACTOR_MISSING)
        if command.is_weak:
            return ResetResult(ResetOutcome.PASSWORD_WEAK)
        return await self._use_and_change(command, has_second_factor=verdict is SecondFactorVerdict.RIGHT)

    @activity.defn(name="password_reset.change")
    async def change(self, command: ResetPassword) -> NoticeInput | None:
        """Set the password. Returns the notice to send to the owner; None if the account no longer exists, has another
        address or epoch, or has a second factor that was not checked.
        """
        kind, prefix = EventKind.PASSWORD_RESET, command.address_prefix
        flow = FlowRef(FlowKind.PASSWORD_RESET, command.owner)
        event_id, now = self._event_id(command), command.now
        event = SecurityEvent(event_id, command.user_id, kind, now, address_prefix=prefix, completes=flow)
        is_set = await self._passwords.reset(
            event,
            command.password_hashed,
            email_address=command.email_address,
            epoch=command.epoch,
            has_second_factor=command.has_second_factor,
        )
        if not is_set:
            return None
        return await self._announce(command)

    async def _use_and_change(self, command: ProveAndReset, *, has_second_factor: bool) -> ResetResult | None:
        if has_second_factor and not await self._two_factor.use(command.use):
            return None  # Another request has used it up since it was judged.
        notice = await self.change(replace(command.reset, has_second_factor=has_second_factor))
        if notice:
            return ResetResult(ResetOutcome.DONE, notice)
        if not has_second_factor and await self._two_factor.judge(command.use) is not SecondFactorVerdict.NOT_NEEDED:
            return ResetResult(ResetOutcome.SECOND_FACTOR_MISSING)  # It was enabled since.
        return ResetResult(ResetOutcome.GONE)

    def _event_id(self, command: ResetPassword) -> str:
        return self._hashes.derive_object_id(command.owner, "event")

    async def _announce(self, command: ResetPassword) -> NoticeInput:
        """Have all API processes forget the sessions. Returns the notice to the owner."""
        await self._invalidations.publish_account_changed(command.user_id)
        event_id = self._event_id(command)
        return NoticeInput(event_id, self._hashes.workflow_key(event_id))
