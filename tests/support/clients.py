"""HTTP clients for servers on this machine, which speak no TLS."""

import secrets
import ssl
from collections.abc import Awaitable, Callable

import httpx

from tests.support.polling import eventually

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Without it each new client reads all certificates of the machine, which takes 20 ms; a run makes thousands."""


def client_of(url: str) -> httpx.AsyncClient:
    """A client of the server at this address."""
    return httpx.AsyncClient(base_url=url, timeout=30, verify=NO_CERTIFICATES)


def random_client_address() -> str:
    """An address of a client network of its own, as all of 127.0.0.0/8 is this machine: limits count for each."""
    return f"127.{1 + secrets.randbelow(254)}.{secrets.randbelow(256)}.1"


async def repeat_until_answered(request: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """What a client does while a server or a worker starts: again until the answer is neither 202 nor 503."""

    async def answer() -> httpx.Response | None:
        response = await request()
        return None if response.status_code in {202, 503} else response

    return await eventually(answer, within=60)
