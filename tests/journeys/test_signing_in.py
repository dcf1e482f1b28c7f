"""Whole journeys through signing in, over HTTP and the mailbox only."""

from types import ModuleType

import pytest

from tests.journeys import forgotten_password, new_device, second_factor, stolen_token, two_apps, wallet
from tests.journeys.steps import Apps
from tests.support.mailbox import Mailbox


@pytest.mark.parametrize(
    ("journey", "last_step"),
    [
        (new_device, "the device must be proved again"),
        (second_factor, "sign in with the password alone"),
        (forgotten_password, "sign in with the new password"),
        (stolen_token, "the owner signs in and finds it in the list of events"),
        (two_apps, "both apps are in the list of sessions"),
        (wallet, "unlinked, it opens nothing any more"),
    ],
)
async def test_journey_comes_to_its_end(apps: Apps, mailbox: Mailbox, journey: ModuleType, last_step: str) -> None:
    steps = [step.name async for step in journey.play(apps, mailbox)]

    assert steps[-1] == last_step
