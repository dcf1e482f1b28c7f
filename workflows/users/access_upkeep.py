"""AccessUpkeep: every day, remove what gives access no more."""

from datetime import timedelta

from temporalio import workflow

from activities.users.access_upkeep import AccessUpkeepActivities, EndExpiredGrants
from workflows.activity_options import BULK
from workflows.steps import run_activity

UPKEEP_INTERVAL = timedelta(days=1)
SUMMARY = "Removes grants that have run out"


@workflow.defn(name="AccessUpkeep")
class AccessUpkeep:
    """One day's upkeep."""

    @workflow.run
    async def run(self) -> None:
        """Remove all grants that have run out by now, batch by batch."""
        command = EndExpiredGrants(workflow.now())
        while await run_activity(AccessUpkeepActivities.end_expired_grants, command, BULK):
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new()
