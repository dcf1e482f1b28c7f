"""Live notifications, over HTTP, the mailbox and a WebSocket only."""

from tests.journeys import notified
from tests.journeys.steps import Apps
from tests.support.mailbox import Mailbox


async def test_journey_comes_to_its_end(apps: Apps, mailbox: Mailbox) -> None:
    steps = [step.name async for step in notified.play(apps, mailbox)]

    assert steps[-1] == "the connection is back; what was missed comes, and only that"
