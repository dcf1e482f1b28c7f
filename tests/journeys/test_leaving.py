"""Leaving over HTTP and the mailbox only; the thirty days alone are skipped, in the account's document."""

import httpx

from adapters.resources import Resources
from tests.journeys import leave_and_come_back
from tests.journeys.steps import Apps
from tests.support.account_deletion import deactivate, reach_deadline, wait_erased
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import register


async def test_reactivated_user_finds_everything_as_it_was(apps: Apps, mailbox: Mailbox) -> None:
    steps = [step.name async for step in leave_and_come_back.play(apps, mailbox)]

    assert steps[-1] == "sign in on the device of before, as if nothing had been"


async def test_user_who_leaves_for_good_is_erased(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    someone = await register(api, mailbox)
    flow_id = await deactivate(api, someone)
    await mailbox.letter(someone.person.email, "account-deactivated", within=60)

    await reach_deadline(resources, someone)
    await wait_erased(api, flow_id)

    await mailbox.letter(someone.person.email, "account-deleted", within=60)
    signing_in = await api.post("/auth/login", json=someone.person.credentials)
    assert refusal(signing_in) == (401, "InvalidCredentials")
    name = {"username": someone.person.username}
    assert data(await api.get("/users/search/existing-username", params=name))["available"] is False
