"""The whole journey of one user, over HTTP and the mailbox only."""

import httpx

from tests.journeys.registration import play
from tests.support.mailbox import Mailbox


async def test_user_registers_signs_in_and_deactivates_the_account(api: httpx.AsyncClient, mailbox: Mailbox) -> None:
    steps = [step.name async for step in play(api, mailbox)]

    assert steps[-1] == "sign out"
