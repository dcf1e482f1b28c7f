"""The whole journey of one user, over HTTP and the mailbox only."""

from tests.journeys.registration import play
from tests.journeys.steps import Apps
from tests.support.mailbox import Mailbox


async def test_user_registers_signs_in_and_deactivates_the_account(apps: Apps, mailbox: Mailbox) -> None:
    steps = [step.name async for step in play(apps, mailbox)]

    assert steps[-1] == "sign out"
