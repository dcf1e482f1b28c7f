"""Following, being suggested and blocking, over HTTP and the mailbox only."""

import pytest

from tests.journeys import friends
from tests.journeys.steps import Apps
from tests.support.mailbox import Mailbox


@pytest.mark.usefixtures("planned")
async def test_three_users_follow_and_unfollow(apps: Apps, mailbox: Mailbox) -> None:
    steps = [step.name async for step in friends.play(apps, mailbox)]

    assert steps[-1] == "unblocked, they may follow again"
