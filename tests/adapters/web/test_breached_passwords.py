"""The range check: its result, what it sends, and that no request depends on it."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.web.breached_passwords import BreachedPasswords, open_range_client
from tests.adapters.web.ranges import Ranges, serving

PASSWORD = "a pass phrase that leaked"


@asynccontextmanager
async def asking(ranges: Ranges) -> AsyncIterator[BreachedPasswords]:
    async with serving(ranges):
        breaches = BreachedPasswords(open_range_client(ranges.url))
        yield breaches
        await breaches.close()


async def test_breached_password_is_known_and_another_is_not() -> None:
    async with asking(Ranges(breached=(PASSWORD,))) as breaches:
        assert [await breaches.contains(one) for one in (PASSWORD, "never seen before")] == [True, False]


async def test_only_five_digits_leave_the_house() -> None:
    ranges = Ranges(breached=(PASSWORD,))
    digest = hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()

    async with asking(ranges) as breaches:
        await breaches.contains(PASSWORD)

    (request,) = ranges.asked
    assert request.startswith(f"GET /range/{digest[:5]} ")
    assert digest[5:] not in request.upper()


async def test_padding_is_asked_for_and_counts_as_nothing() -> None:
    """A padded line has the count 0."""
    ranges = Ranges()

    async with asking(ranges) as breaches:
        assert not await breaches.contains(PASSWORD)

    assert "add-padding: true" in ranges.asked[0].lower()


@pytest.mark.parametrize("ranges", [Ranges(status="503 Away"), Ranges(hangs=True)], ids=["refuses", "hangs"])
async def test_away_server_knows_nothing(ranges: Ranges) -> None:
    async with asking(ranges) as breaches:
        assert not await breaches.contains(PASSWORD)


async def test_absent_server_knows_nothing() -> None:
    async with serving(Ranges()) as ranges:
        url = ranges.url
    breaches = BreachedPasswords(open_range_client(url))

    assert not await breaches.contains(PASSWORD)
    await breaches.close()


async def test_without_the_setting_no_request_is_sent() -> None:
    assert not await BreachedPasswords(open_range_client(None)).contains(PASSWORD)
