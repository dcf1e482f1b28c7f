"""Envelope, request id and headers of every response, and the answers to unknown routes and methods."""

import httpx
import pytest

from config.settings import Settings
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.rate_limited_api import serving

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'self'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
ANY_ANSWER = [
    pytest.param("GET", "/health", id="200"),
    pytest.param("GET", "/users/profile/me", id="401"),
    pytest.param("GET", "/nowhere", id="404"),
    pytest.param("DELETE", "/health", id="405"),
    pytest.param("POST", "/auth/login", id="422"),
]


@pytest.mark.defect(85)
async def test_success_has_the_envelope(api: httpx.AsyncClient) -> None:
    response = await api.post("/auth/session/logout", json={"session_token": "x"})

    body = response.json()
    assert body == {
        "success": True,
        "statusCode": 200,
        "message": "Session revoked",
        "data": None,
        "requestId": response.headers["x-request-id"],
    }


async def test_refusal_has_the_envelope(api: httpx.AsyncClient) -> None:
    response = await api.get("/users/profile/me?secret=1")

    body = response.json()
    assert body.pop("timestamp").endswith("Z")
    assert body == {
        "success": False,
        "statusCode": 401,
        "message": "A valid access token is required.",
        "error": "NotAuthenticated",
        "path": "/users/profile/me",
        "requestId": response.headers["x-request-id"],
    }


@pytest.mark.parametrize("path", ["/nowhere", "/health/", "/auth", "/users/profile", "/%00", "/flows/"])
async def test_unknown_route_is_not_found(api: httpx.AsyncClient, path: str) -> None:
    assert refusal(await api.get(path)) == (404, "NotFound")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/auth/login", "POST"),
        ("POST", "/health", "GET, HEAD"),
        ("HEAD", "/health/dependencies", "GET"),
        ("HEAD", "/users/profile/me", "GET"),
        ("DELETE", "/users/profile/me", "GET"),
        ("DELETE", f"/notifications/{'0' * 24}/read", "PATCH, POST"),
        ("POST", "/users/profile/role", "GET, PUT"),
        ("PATCH", "/.well-known/jwks.json", "GET, HEAD"),
        ("PUT", "/auth/session/refresh", "POST"),
        ("OPTIONS", "/auth/session/logout", "POST"),
        ("TRACE", "/health/ready", "GET, HEAD"),
        ("PROPFIND", "/codec/decode", "POST"),
    ],
)
async def test_undeclared_method_is_not_allowed(api: httpx.AsyncClient, method: str, path: str, allow: str) -> None:
    response = await api.request(method, path)

    assert response.status_code == 405
    assert response.headers["allow"] == allow


async def test_undeclared_method_has_the_envelope(api: httpx.AsyncClient) -> None:
    assert refusal(await api.delete("/auth/login")) == (405, "MethodNotAllowed")


@pytest.mark.parametrize(("method", "path"), ANY_ANSWER)
async def test_every_response_has_the_security_headers(api: httpx.AsyncClient, method: str, path: str) -> None:
    response = await api.request(method, path)

    assert SECURITY_HEADERS.items() <= response.headers.items()
    assert "strict-transport-security" not in response.headers
    assert "server" not in response.headers


async def test_response_over_tls_has_hsts(settings: Settings) -> None:
    async with serving(settings) as here:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(here.app), base_url="https://api.test")
        response = await client.get("/health")

    assert response.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


@pytest.mark.parametrize("given", ["12345678", "A.b_c-d." * 16, "0123456789abcdef"])
@pytest.mark.parametrize(("method", "path"), ANY_ANSWER)
async def test_request_id_is_returned(api: httpx.AsyncClient, method: str, path: str, given: str) -> None:
    response = await api.request(method, path, headers={"X-Request-ID": given})

    assert response.headers["x-request-id"] == given
    assert response.json()["requestId"] == given


MALFORMED = ["", "1234567", "x" * 129, "with space", "käse-und-brot", "a/b/c/d/e", "%0d%0aX: y", "ada@people.test"]


@pytest.mark.parametrize("given", MALFORMED)
async def test_malformed_request_id_is_replaced(api: httpx.AsyncClient, given: str) -> None:
    response = await api.get("/health", headers={b"X-Request-ID": given.encode()})

    made = response.headers["x-request-id"]
    assert made != given
    assert len(made) == 32


async def test_request_without_an_id_gets_a_new_one(api: httpx.AsyncClient) -> None:
    first, second = await api.get("/health"), await api.get("/health")

    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.defect(39)
async def test_no_origin_is_allowed_unless_it_is_set(api: httpx.AsyncClient, someone: SignedIn) -> None:
    response = await api.get("/users/profile/me", headers={**someone.bearer, "Origin": "https://elsewhere.test"})

    assert data(response)
    assert not [name for name in response.headers if name.startswith("access-control-allow")]
