"""The one write that takes a mail address back."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.users.security_notices import NoticeOrder
from domain.accounts.identifier_changes import ChangeOutcome
from domain.users.security_events import EventKind, SecurityEvent

if TYPE_CHECKING:
    from adapters.crypto.hashes import Hashes
    from adapters.mongo.accounts.email_revert import EmailRevertStore
    from adapters.redis.session_invalidations import SessionHints


@dataclass(frozen=True)
class RevertAddress:
    """`owner` is the workflow id: reverting twice is reverting once. `email_address` is the old one."""

    owner: str
    user_id: str
    email_address: str
    now: datetime
    address_prefix: str


@dataclass(frozen=True)
class AddressReverted:
    """`closed`: workflows of later changes and reverts, which came to nothing. `notice`: what the owner is owed."""

    outcome: ChangeOutcome
    notice: NoticeOrder | None = None
    closed: list[str] = field(default_factory=list)


class EmailRevertActivities:
    def __init__(self, reverts: "EmailRevertStore", hints: "SessionHints", hashes: "Hashes") -> None:
        self._reverts = reverts
        self._hints = hints
        self._hashes = hashes

    @activity.defn(name="email_revert.revert")
    async def revert(self, ask: RevertAddress) -> AddressReverted:
        """The address as it was; nobody is signed in any more."""
        event_id = self._hashes.object_id(ask.owner, "event")
        kind, prefix = EventKind.EMAIL_REVERTED, ask.address_prefix
        event = SecurityEvent(event_id, ask.user_id, kind, ask.now, address_prefix=prefix)
        outcome, closed = await self._reverts.revert(event, owner=ask.owner, address=ask.email_address)
        if outcome is not ChangeOutcome.DONE:
            return AddressReverted(outcome)
        await self._hints.account_changed(ask.user_id)
        return AddressReverted(outcome, NoticeOrder(event_id, self._hashes.workflow_key(event_id)), list(closed))
