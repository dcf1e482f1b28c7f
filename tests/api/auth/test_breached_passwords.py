"""With the range check on, a breached password is refused wherever a new one is chosen."""

from collections.abc import AsyncIterator

import httpx
import pytest

from config.settings import Settings
from tests.adapters.web.ranges import Ranges
from tests.adapters.web.ranges import serving as serving_ranges
from tests.support.envelope import refusal
from tests.support.people import SignedIn, new_person
from tests.support.rate_limited_api import serving
from tests.support.signed_in import on_device

BREACHED = "a pass phrase that leaked"


@pytest.fixture
async def checking(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that asks a server of breached passwords."""
    async with serving_ranges(Ranges(breached=(BREACHED,))) as ranges:
        asking = settings.model_copy(update={"breach_ranges_url": ranges.url})
        async with serving(asking) as api, api.client_anywhere() as client:
            yield client


async def test_registration_refuses_a_breached_password(checking: httpx.AsyncClient) -> None:
    application = new_person(password=BREACHED).application

    assert refusal(await checking.post("/auth/register/email-verification", json=application)) == (422, "WeakPassword")


async def test_change_refuses_a_breached_password(checking: httpx.AsyncClient, someone: SignedIn) -> None:
    change = {"old_password": someone.person.password, "new_password": BREACHED}

    changed = await checking.post("/auth/password/change", json=change, headers=on_device(someone))

    assert refusal(changed) == (422, "WeakPassword")
