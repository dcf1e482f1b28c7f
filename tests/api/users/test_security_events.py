"""The security events of an account, as its owner reads them."""

from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.signed_in import on_device

EVENTS = "/auth/security-events"


@pytest.fixture
async def someone(api: httpx.AsyncClient, resources: Resources) -> SignedIn:
    """A user who has registered and signed in three times since."""
    someone = await make_account(resources)
    for _ in range(3):
        data(await api.post("/auth/login", json=someone.person.credentials))
    return someone


async def page(api: httpx.AsyncClient, someone: SignedIn, **query: Any) -> dict[str, Any]:
    found: dict[str, Any] = data(await api.get(EVENTS, params=query, headers=on_device(someone)))
    return found


async def test_events_come_newest_first(api: httpx.AsyncClient, someone: SignedIn) -> None:
    found = await page(api, someone)

    assert [event["kind"] for event in found["events"]] == ["signed_in"] * 3 + ["registered"]
    assert found["events"][0].keys() == {"kind", "severity", "at", "device", "address_prefix"}
    assert found["events"][0]["device"] == "Firefox 145, Linux"
    assert found["events"][0]["address_prefix"] == "127.0.0.0/24"
    assert found["meta"] == {"total": 4, "page": 0, "limit": 20, "is_last_page": True, "next_cursor": None}


@pytest.mark.defect(107)
async def test_pages_by_number_and_by_cursor_are_the_same(api: httpx.AsyncClient, someone: SignedIn) -> None:
    first = await page(api, someone, limit=3)

    by_number = await page(api, someone, limit=3, page=1)
    by_cursor = await page(api, someone, limit=3, cursor=first["meta"]["next_cursor"])

    assert first["meta"]["is_last_page"] is False
    assert by_number["events"] == by_cursor["events"]
    assert [event["kind"] for event in by_cursor["events"]] == ["registered"]


@pytest.mark.defect(92)
@pytest.mark.parametrize(
    "query", [{"page": -1}, {"limit": 0}, {"limit": 101}, {"page": 101, "limit": 100}, {"cursor": "garbage"}]
)
async def test_invalid_page_is_refused(api: httpx.AsyncClient, someone: SignedIn, query: dict[str, Any]) -> None:
    response = await api.get(EVENTS, params=query, headers=on_device(someone))

    assert refusal(response) == (422, "InvalidInput")


async def test_events_of_others_are_not_shown(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    other = await make_account(resources)

    assert (await page(api, other))["meta"]["total"] == 1
