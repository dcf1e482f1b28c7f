"""HTTP clients for servers on this machine, which speak no TLS."""

import ssl

import httpx

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Without it each new client reads all certificates of the machine, which takes 20 ms; a run makes thousands."""


def client_of(url: str) -> httpx.AsyncClient:
    """A client of the server at this address."""
    return httpx.AsyncClient(base_url=url, timeout=30, verify=NO_CERTIFICATES)
