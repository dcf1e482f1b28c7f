"""Whole journeys to another name and another address, over HTTP and the mailbox only."""

from types import ModuleType

import pytest

from tests.journeys import new_address, rename
from tests.journeys.steps import Apps
from tests.support.mailbox import Mailbox


@pytest.mark.parametrize(
    ("journey", "last_step"),
    [
        (rename, "the next change must wait for 30 days"),
        (new_address, "the old address counts, and stays for 7 days"),
    ],
)
async def test_journey_comes_to_its_end(apps: Apps, mailbox: Mailbox, journey: ModuleType, last_step: str) -> None:
    steps = [step.name async for step in journey.play(apps, mailbox)]

    assert steps[-1] == last_step
