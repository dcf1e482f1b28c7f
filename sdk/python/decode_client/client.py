"""The client: all operations of one API, as one user."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

import httpx

from decode_client.chats import LiveChats
from decode_client.connection import Connection
from decode_client.flows import WaitingFlows
from decode_client.generated.answers import SessionView
from decode_client.generated.operations import Operations
from decode_client.notifications import LiveNotifications
from decode_client.session import Session

TIMEOUT_SECONDS = 30.0


class DecodeClient(Operations):
    """A client of the API at `url`. Any operation that answers with a session signs in, as do tokens that were kept.

    `fingerprint`: identifies the device; operations of a trusted device need it. `on_session`: told of each new
    session, so that the app can keep its tokens, and of None when it has ended. `api_key`: acts as its owner, within
    its scopes, instead of a session. `max_wait`: for how many seconds in all a request waits for a busy or absent
    server.
    """

    def __init__(
        self,
        url: str,
        *,
        fingerprint: str | None = None,
        session_token: str | None = None,
        access_token: str | None = None,
        api_key: str | None = None,
        on_session: Callable[[SessionView | None], None] = lambda session: None,
        max_wait: float = 60.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        device = {"X-Fingerprint-Hash": fingerprint} if fingerprint else {}
        self._http = httpx.AsyncClient(base_url=url, headers=device, timeout=TIMEOUT_SECONDS, transport=transport)
        # The API takes a key where it takes an access token; nothing refreshes one.
        access_token = api_key or access_token
        self._session = Session(self._refresh, on_session, session_token=session_token, access_token=access_token)
        connection = Connection(self._http, self._session, max_wait)
        super().__init__(connection)
        self.flows: WaitingFlows = WaitingFlows(connection)
        self.chats: LiveChats = LiveChats(connection, url, self._session)
        self.notifications: LiveNotifications = LiveNotifications(connection, url, self._session)

    @property
    def is_signed_in(self) -> bool:
        """Whether there is a session that can be refreshed, as far as is known here."""
        return self._session.session_token is not None

    async def sign_out(self) -> None:
        """End the session, there and here. Does nothing without one."""
        if self._session.session_token:
            await self.sessions.logout(session_token=self._session.session_token)
            self._session.end()

    async def close(self) -> None:
        """Close the connections. The session stays open: its token can be used again."""
        self._session.close()
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _refresh(self, session_token: str) -> None:
        await self.sessions.refresh(session_token=session_token)
