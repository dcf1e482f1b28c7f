"""The one write that reverts a change of mail address."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.codes import CheckCode, is_right
from activities.users.security_notices import NoticeInput
from domain.accounts.identifier_changes import ChangeOutcome
from domain.flows import FlowKind
from domain.journal.flow_ends import FlowRef
from domain.users.security_events import EventKind, SecurityEvent

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.crypto.one_time_codes import OneTimeCodes
    from adapters.mongo.accounts.email_revert import EmailRevertStore
    from adapters.redis.session_invalidations import SessionInvalidations


@dataclass(frozen=True)
class RevertEmail:
    """`owner`: the workflow id, which makes a repeat idempotent; `email_address`: the old one."""

    owner: str
    user_id: str
    email_address: str
    now: datetime
    address_prefix: str


@dataclass(frozen=True)
class FinishEmailRevert:
    """`check`: the typed code, which decides whether `revert` is applied."""

    check: CheckCode
    revert: RevertEmail


@dataclass(frozen=True)
class EmailReverted:
    """`closed`: workflow ids of later changes and reverts, to cancel; `notice`: the notice to send to the owner."""

    outcome: ChangeOutcome
    notice: NoticeInput | None = None
    closed: list[str] = field(default_factory=list)


class EmailRevertActivities:
    """Activities of the EmailRevert workflow."""

    def __init__(
        self,
        reverts: "EmailRevertStore",
        invalidations: "SessionInvalidations",
        hashes: "KeyedHashes",
        codes: "OneTimeCodes",
    ) -> None:
        self._reverts = reverts
        self._invalidations = invalidations
        self._hashes = hashes
        self._codes = codes

    @activity.defn(name="email_revert.finish")
    async def finish(self, command: FinishEmailRevert) -> EmailReverted | None:
        """Revert the change if the code is right, as `revert` does; None for a wrong code."""
        return await self.revert(command.revert) if is_right(self._codes, command.check) else None

    @activity.defn(name="email_revert.revert")
    async def revert(self, command: RevertEmail) -> EmailReverted:
        """Restore the old address and end all sessions of the account."""
        event_id = self._hashes.derive_object_id(command.owner, "event")
        event = SecurityEvent(
            event_id,
            command.user_id,
            EventKind.EMAIL_REVERTED,
            command.now,
            address_prefix=command.address_prefix,
            completes=FlowRef(FlowKind.EMAIL_REVERT, command.owner),
        )
        outcome, closed = await self._reverts.revert(
            event, workflow_id=command.owner, email_address=command.email_address
        )
        if outcome is not ChangeOutcome.DONE:
            return EmailReverted(outcome)
        await self._invalidations.publish_account_changed(command.user_id)
        return EmailReverted(outcome, NoticeInput(event_id, self._hashes.workflow_key(event_id)), list(closed))
