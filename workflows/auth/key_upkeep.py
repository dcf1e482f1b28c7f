"""KeyUpkeep: every day, remind the owners of API keys that end soon, and drop uses that are kept no longer."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

from activities.auth.key_upkeep import DropUses, KeyUpkeepActivities, Reminders, WriteReminders
from workflows.activity_options import BULK
from workflows.delivery.mail import send_mail
from workflows.steps import run_activity

UPKEEP_INTERVAL = timedelta(days=1)
SUMMARY = "Reminds owners of API keys that end soon, and drops old uses"
DROPS_USES = "key-upkeep-drops-uses"
"""A run that began before continues without it. The patch can be removed on 2027-03-01."""


@workflow.defn(name="KeyUpkeep")
class KeyUpkeep:
    """One day's upkeep."""

    @workflow.run
    async def run(self) -> None:
        """Start the mails that are due by now, batch by batch, then drop old uses. A repeat is the same mails."""
        command = WriteReminders(workflow.now())
        while await self._remind(command):
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new()
        if workflow.patched(DROPS_USES):
            await self._drop_uses(command.now)

    async def _remind(self, command: WriteReminders) -> bool:
        """Start the mails of one batch, then close its reminders. Returns whether there may be more."""
        written: Reminders = await run_activity(KeyUpkeepActivities.write_reminders, command, BULK)
        await asyncio.gather(*map(send_mail, written.mails))
        await run_activity(KeyUpkeepActivities.close_reminders, written, BULK)
        return written.is_full

    async def _drop_uses(self, now: datetime) -> None:
        drop = DropUses(now)
        while after := await run_activity(KeyUpkeepActivities.drop_uses, drop, BULK):
            drop = DropUses(now, after)
