"""The session of the signed-in user: its tokens, and the one refresh at a time."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from decode_client.errors import DecodeError
from decode_client.generated.answers import SessionView

EARLY_SECONDS = 30.0
"""An access token is exchanged so long before it expires."""


class Session:
    """Holds a session token, and an access token that is exchanged in time.

    `refresh` exchanges a session token; its answer arrives by `adopt`. `on_change` is told of each new session, and of
    None when it has ended. Either token may be missing at first: without a session token there is no refresh.
    """

    def __init__(
        self,
        refresh: Callable[[str], Awaitable[object]],
        on_change: Callable[[SessionView | None], None],
        *,
        session_token: str | None,
        access_token: str | None,
    ) -> None:
        self._refresh = refresh
        self._on_change = on_change
        self._access_token = access_token
        self._fresh_until = math.inf if access_token else 0.0
        self._renewal: asyncio.Task[None] | None = None
        self.session_token = session_token

    async def access_token(self) -> str | None:
        """Return an access token, a new one if it is about to expire or missing; None without a session."""
        if self.session_token and time.monotonic() >= self._fresh_until:
            return await self.renew(self._access_token)
        return self._access_token

    async def renew(self, refused: str | None) -> str | None:
        """Return an access token other than the refused one. All who wait share one refresh, and its failure.

        Raises DecodeError; the session has ended if its status is 401. Raises httpx.TransportError when no answer came:
        the session token is kept, and the next call tries again.
        """
        if self.session_token and self._access_token == refused:
            if self._renewal is None:
                self._renewal = asyncio.create_task(self._renew(self.session_token))
                self._renewal.add_done_callback(self._forget_renewal)
            # A caller that gives up does not end it for the others.
            await asyncio.shield(self._renewal)
        return self._access_token

    def adopt(self, opened: SessionView) -> None:
        """Go on with the tokens of an answer."""
        self.session_token, self._access_token = opened.session_token, opened.access_token
        self._fresh_until = time.monotonic() + (opened.expires_in or 0) - EARLY_SECONDS
        self._on_change(opened)

    def end(self) -> None:
        """Forget the tokens: the client is signed out."""
        self.session_token, self._access_token = None, None
        self._on_change(None)

    def close(self) -> None:
        """Give up a refresh that is under way."""
        if self._renewal:
            self._renewal.cancel()

    async def _renew(self, session_token: str) -> None:
        try:
            await self._refresh(session_token)
        except DecodeError as refused:
            if refused.status == 401:
                self.end()
            raise

    def _forget_renewal(self, renewal: asyncio.Task[None]) -> None:
        self._renewal = None
