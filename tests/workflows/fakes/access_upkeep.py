"""The activities of AccessUpkeep, as a fake does them: nothing has run out unless a test says so."""

from temporalio import activity

from activities.users.access_upkeep import EndExpiredGrants
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeAccessUpkeep:
    def __init__(self) -> None:
        self.ended = FakeActivity[EndExpiredGrants, bool](lambda _: False)

    @activity.defn(name="access_upkeep.end_expired_grants")
    async def end_expired_grants(self, command: EndExpiredGrants) -> bool:
        return await self.ended.call(command)
