"""Passwords known from breaches, looked up by range: only the first five hex digits of a SHA-1 hash are sent.

The protocol is that of Have I Been Pwned (k-anonymity, padded answers); any server that implements it will do.
"""

import hashlib
import logging

import httpx

PREFIX_LENGTH = 5
REQUEST_TIMEOUT_SECONDS = 1.0

logger = logging.getLogger("decode.breaches")


def open_range_client(url: str | None) -> httpx.AsyncClient | None:
    """Return a client for the server at `url`, such as https://host/range/; None when no server is configured."""
    if url is None:
        return None
    return httpx.AsyncClient(base_url=url, timeout=REQUEST_TIMEOUT_SECONDS, headers={"Add-Padding": "true"})


class BreachedPasswords:
    """`ranges`: client of the range server; without one, no password counts as breached."""

    def __init__(self, ranges: httpx.AsyncClient | None) -> None:
        self._ranges = ranges

    async def contains(self, password: str) -> bool:
        """Whether the password is in a breach.

        False while the server is unavailable: the bundled list of common passwords decides then.
        """
        if self._ranges is None:
            return False
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        try:
            answer = (await self._ranges.get(digest[:PREFIX_LENGTH])).raise_for_status().text
        except httpx.HTTPError as error:
            logger.warning("breach ranges away", extra={"error": type(error).__name__})
            return False
        return digest[PREFIX_LENGTH:] in _suffixes(answer)

    async def close(self) -> None:
        """Close the client."""
        if self._ranges is not None:
            await self._ranges.aclose()


def _suffixes(answer: str) -> set[str]:
    """Return the suffixes of an answer. Its lines are `SUFFIX:COUNT`; padding has the count 0."""
    lines = (line.partition(":") for line in answer.split())
    return {suffix for suffix, _, count in lines if count != "0"}
