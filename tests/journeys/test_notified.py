"""Live notifications, over HTTP, the mailbox and a WebSocket only."""

import httpx

from tests.journeys import notified
from tests.support.mailbox import Mailbox


async def test_journey_comes_to_its_end(api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    steps = [step.name async for step in notified.play(api, mailbox)]

    assert steps[-1] == "the connection is back; what was missed comes, and only that"
