"""Whole journeys through rights, API keys and the journal, over HTTP, the mailbox and what an operator runs."""

from types import ModuleType

import pytest

from adapters.resources import Resources
from tests.journeys import audit_story, exported_journal, support_agent
from tests.journeys.steps import Apps
from tests.support.mailbox import Mailbox
from tests.support.polling import eventually
from workers.schedules import JOURNAL_CHECKPOINT


@pytest.mark.parametrize(
    ("journey", "last_step"),
    [
        (audit_story, "the user finds the same change among the own entries"),
        (support_agent, "and tells the agent the same"),
    ],
)
async def test_journey_comes_to_its_end(apps: Apps, mailbox: Mailbox, journey: ModuleType, last_step: str) -> None:
    steps = [step.name async for step in journey.play(apps, mailbox)]

    assert steps[-1] == last_step


async def test_stranger_verifies_what_is_signed(apps: Apps, mailbox: Mailbox, resources: Resources) -> None:
    await resources.temporal.get_schedule_handle(JOURNAL_CHECKPOINT).trigger()
    await eventually(lambda: resources.journal.checkpoints.list_newest(None, limit=1), within=60)

    steps = [step.name async for step in exported_journal.play(apps, mailbox)]

    assert steps[-1] == "one changed character is found, with the entry's number"
