"""What a page of another origin may send, and the answer to a preflight that is refused."""

from collections.abc import AsyncIterator

import httpx
import pytest

from config.settings import Settings
from tests.support.envelope import refusal
from tests.support.rate_limited_api import serving

PAGE = "https://app.decode.test"
LOGIN = "/auth/login"


@pytest.fixture(scope="module")
async def browser(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that allows pages of one origin."""
    async with serving(settings.model_copy(update={"cors_origins": (PAGE,)})) as api:
        yield api.client_anywhere()


def preflight(**changes: str) -> dict[str, str]:
    asked = {"origin": PAGE, "method": "POST", "headers": "authorization,content-type"} | changes
    return {
        "Origin": asked["origin"],
        "Access-Control-Request-Method": asked["method"],
        "Access-Control-Request-Headers": asked["headers"],
    }


@pytest.mark.parametrize(
    "headers",
    ["traceparent", "tracestate", "baggage", "Traceparent, Tracestate, Baggage", "authorization,baggage,traceparent"],
)
async def test_headers_of_tracing_are_allowed(browser: httpx.AsyncClient, headers: str) -> None:
    response = await browser.options(LOGIN, headers=preflight(headers=headers))

    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == PAGE
    assert {"traceparent", "tracestate", "baggage"} <= {*response.headers["access-control-allow-headers"].split(", ")}


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://elsewhere.test"},
        {"origin": f"{PAGE}/"},
        {"origin": "null"},
        {"method": "TRACE"},
        {"method": "post"},
        {"headers": "x-secret"},
        {"headers": "authorization, x-secret"},
        {"origin": "https://elsewhere.test", "method": "TRACE", "headers": "x-secret"},
    ],
    ids=str,
)
async def test_refused_preflight_has_the_envelope(browser: httpx.AsyncClient, changes: dict[str, str]) -> None:
    response = await browser.options(LOGIN, headers=preflight(**changes))

    assert refusal(response) == (405, "MethodNotAllowed")
    assert response.headers["allow"] == "POST"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-methods" not in response.headers


async def test_refused_preflight_of_an_unknown_route_is_not_found(browser: httpx.AsyncClient) -> None:
    response = await browser.options("/nowhere", headers=preflight(origin="https://elsewhere.test"))

    assert refusal(response) == (404, "NotFound")


@pytest.mark.parametrize("path", [LOGIN, "/health", "/nowhere"])
async def test_preflight_of_an_unknown_origin_gets_no_cors_headers(browser: httpx.AsyncClient, path: str) -> None:
    response = await browser.options(path, headers=preflight(origin="https://elsewhere.test"))

    assert not [name for name in response.headers if name.startswith("access-control-allow")]


async def test_page_reads_the_refusal_of_a_content_coding(browser: httpx.AsyncClient) -> None:
    response = await browser.post(LOGIN, json={}, headers={"Origin": PAGE, "Content-Encoding": "gzip"})

    assert refusal(response) == (415, "UnsupportedMediaType")
    assert response.headers["access-control-allow-origin"] == PAGE
