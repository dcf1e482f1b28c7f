"""Following, being suggested and blocking, over HTTP and the mailbox only."""

import httpx
import pytest

from tests.journeys import friends
from tests.support.mailbox import Mailbox


@pytest.mark.usefixtures("planned")
async def test_three_users_follow_and_unfollow(api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    steps = [step.name async for step in friends.play(api, mailbox)]

    assert steps[-1] == "unblocked, they may follow again"
