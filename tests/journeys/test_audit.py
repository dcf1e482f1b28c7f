"""Whole journeys through rights, API keys and the journal, over HTTP, the mailbox and what an operator runs."""

from types import ModuleType

import pytest

from tests.journeys import audit_story, exported_journal, support_agent
from tests.journeys.steps import Apps
from tests.support.mailbox import Mailbox


@pytest.mark.parametrize(
    ("journey", "last_step"),
    [
        (audit_story, "the user finds the same change among the own entries"),
        (support_agent, "and tells the agent the same"),
        (exported_journal, "one changed character is found, with the entry's number"),
    ],
)
async def test_journey_comes_to_its_end(apps: Apps, mailbox: Mailbox, journey: ModuleType, last_step: str) -> None:
    steps = [step.name async for step in journey.play(apps, mailbox)]

    assert steps[-1] == last_step
