"""The commands of runbooks/behind-a-proxy.md, run as written, from a proxy that the API trusts and from one it does
not, and what the page says of headers.
"""

from collections.abc import AsyncIterator

import httpx
import pytest

from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.markdown_blocks import bash_blocks, run_bash

PAGE = bash_blocks("runbooks/behind-a-proxy.md")
NAME = "/users/search/existing-username?username=free_name"
HSTS = "strict-transport-security"
ON_THIS_MACHINE = ("127.0.0.0/8",)


@pytest.fixture
async def trusting(settings: Settings) -> AsyncIterator[str]:
    """URL of an API that trusts proxies on this machine."""
    async with serving(settings, rate_limits="on", trusted_proxies=ON_THIS_MACHINE) as url:
        yield url


async def left(url: str, *forwarded_for: str) -> list[int]:
    """What is left of the limit after a request of each client."""
    async with httpx.AsyncClient(base_url=url) as proxy:
        answers = [await proxy.get(NAME, headers={"X-Forwarded-For": client}) for client in forwarded_for]
    return [int(answer.headers["ratelimit-remaining"]) for answer in answers]


async def has_hsts(url: str, proto: str) -> bool:
    async with httpx.AsyncClient(base_url=url) as proxy:
        return HSTS in (await proxy.head("/health/live", headers={"X-Forwarded-Proto": proto})).headers


async def test_trusted_proxy_speaks_for_two_clients_over_https(trusting: str) -> None:
    clients, scheme = [await run_bash(PAGE[name], {"API": trusting}) for name in ("clients", "scheme")]

    assert clients.splitlines() == ["192.0.2.7 has 19 left", "198.51.100.7 has 19 left"]
    assert scheme.startswith(f"{HSTS}: max-age=63072000")


async def test_unknown_proxy_is_one_client(settings: Settings) -> None:
    async with serving(settings, rate_limits="on", trusted_proxies=("192.0.2.1",)) as url:
        first, second = await left(url, "192.0.2.77", "198.51.100.77")

        assert first - second == 1
        assert not await has_hsts(url, "https")


async def test_client_is_the_last_address_that_is_no_proxy(trusting: str) -> None:
    first, forged, next_port = await left(
        trusting, "203.0.113.9, 127.0.0.9", "198.51.100.8, 203.0.113.9, 127.0.0.9", "203.0.113.9:4711"
    )

    assert [first - forged, forged - next_port] == [1, 1]


async def test_clients_without_an_address_are_one(trusting: str) -> None:
    first, second = await left(trusting, "unknown", "unknown")

    assert first - second == 1


@pytest.mark.parametrize(("proto", "is_known"), [("https", True), ("https,http", False), ("HTTPS", False)])
async def test_scheme_is_one_word_in_lower_case(trusting: str, proto: str, is_known: bool) -> None:
    assert await has_hsts(trusting, proto) is is_known
