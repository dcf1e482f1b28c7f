"""Writes the mails that remind owners of the ends of their API keys, and drops old uses of keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import activity

from activities.delivery.mail import MailInput
from domain.auth.api_keys import ApiKey, first_day_of_use
from domain.delivery.mail import MailKind
from domain.moments import written_minute
from domain.users.users import User

if TYPE_CHECKING:
    from adapters.crypto.keyed_hashes import KeyedHashes
    from adapters.mongo.auth.api_key_uses import ApiKeyUseStore
    from adapters.mongo.auth.key_reminders import KeyReminderStore

BATCH_SIZE = 100
USES_BATCH_SIZE = 200
MAX_BATCHES_OF_USES = 250


@dataclass(frozen=True)
class WriteReminders:
    """`now`: the workflow's clock; reminders due until then are written."""

    now: datetime


@dataclass(frozen=True)
class Reminders:
    """`mails`: to the owners of keys in force. `next_dates`: by key id, of every key looked at; None after the last.
    `is_full`: there may be more.
    """

    mails: list[MailInput] = field(default_factory=list)
    next_dates: dict[str, datetime | None] = field(default_factory=dict)
    is_full: bool = False


@dataclass(frozen=True)
class DropUses:
    """`now`: the workflow's clock. `after`: the id of the last key that was looked at; None at first."""

    now: datetime
    after: str | None = None


class KeyUpkeepActivities:
    """Activities of the KeyUpkeep workflow."""

    def __init__(self, reminders: "KeyReminderStore", uses: "ApiKeyUseStore", hashes: "KeyedHashes") -> None:
        self._reminders = reminders
        self._uses = uses
        self._hashes = hashes

    @activity.defn(name="key_upkeep.write_reminders")
    async def write_reminders(self, command: WriteReminders) -> Reminders:
        """Return the mails about BATCH_SIZE keys at most. They are due until `close_reminders`."""
        due = await self._reminders.find_due(command.now, limit=BATCH_SIZE)
        next_dates = {key.key_id: key.next_reminder_at(command.now) for key, _ in due}
        return Reminders(self._mails(due, command.now), next_dates, is_full=len(due) == BATCH_SIZE)

    @activity.defn(name="key_upkeep.close_reminders")
    async def close_reminders(self, written: Reminders) -> None:
        """Set the dates of the next reminders once the mails' workflows have started. Idempotent."""
        await self._reminders.set_next(written.next_dates)

    @activity.defn(name="key_upkeep.drop_uses")
    async def drop_uses(self, command: DropUses) -> str | None:
        """Drop the days that are kept no longer from the uses of some batches of keys. Idempotent.

        Returns the id of the last key that was looked at; None when there are no more.
        """
        day, after = first_day_of_use(command.now), command.after
        for _ in range(MAX_BATCHES_OF_USES):
            after = await self._uses.drop_before(day, after=after, limit=USES_BATCH_SIZE)
            if after is None:
                break
        return after

    def _mails(self, due: Sequence[tuple[ApiKey, User | None]], now: datetime) -> list[MailInput]:
        return [self._mail(key, owner, now) for key, owner in due if owner and key.is_in_force(owner, now)]

    def _mail(self, key: ApiKey, owner: User, now: datetime) -> MailInput:
        """Return the mail of the reminder that is due: its key names the API key and the date, so a repeat is it."""
        name = self._hashes.workflow_key(f"key-reminder|{key.key_id}|{key.due_reminder(now)}")
        return MailInput(
            key=f"key-reminder.{name}",
            kind=MailKind.API_KEY_REMINDER,
            recipient=owner.email_address,
            variables={
                "username": owner.username,
                "name": key.name,
                "prefix": key.prefix,
                "at": written_minute(key.expires_at),
            },
            give_up_at=key.expires_at,
        )
