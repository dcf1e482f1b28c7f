"""Talking with the assistant, over HTTP, the mailbox and WebSockets only."""

from tests.journeys import assistant_talk
from tests.journeys.steps import Apps
from tests.support.mailbox import Mailbox


async def test_journey_comes_to_its_end(apps: Apps, mailbox: Mailbox) -> None:
    steps = [step.name async for step in assistant_talk.play(apps, mailbox)]

    assert steps[-1] == "the chat is deleted, with every word of it"
