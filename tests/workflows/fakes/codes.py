"""The check of codes as the product does it, with the test keys."""

from temporalio import activity

from activities.codes import CheckCode, is_right
from tests.support.keys import CODES
from tests.workflows.fakes.fake_activity import FakeActivity


class FakeCodes:
    """Judges as the product does, with the test keys: codes need no server."""

    def __init__(self) -> None:
        self.is_void = False
        """Whether the accounts of all flows have another epoch by now."""
        self.check_code = FakeActivity[CheckCode, None](lambda _: None)

    @activity.defn(name="codes.check")
    async def check(self, command: CheckCode) -> bool | None:
        await self.check_code.call(command)
        return None if self.is_void else is_right(CODES, command)
