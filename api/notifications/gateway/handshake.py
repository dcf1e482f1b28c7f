"""Who opens a socket: by header, by ticket, or by the first message. And from which page."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request

from adapters.crypto.hashes import KeyedHashes
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.auth.tickets import TicketStore
from api.access.authentication import Authenticator, Caller, bearer_token
from api.notifications.gateway import frames
from api.notifications.gateway.close_codes import CloseCode, SocketClosed
from api.notifications.gateway.connection import GatewayConnection
from api.notifications.schemas.sockets import Authenticate, Resume
from domain.auth.errors import SessionExpired, SessionRevoked
from domain.auth.sessions import refusal_for_access
from domain.errors import NotAuthenticated
from domain.notifications.notifications import TICKET_PURPOSE

HANDSHAKE_SECONDS = 5.0
MAX_UNAUTHENTICATED = 1_000
"""Sockets of nobody yet. Each may stay for five seconds; more at a time are a storm."""
TICKET_PREFIX = "decode.ticket."
REFUSALS = (NotAuthenticated, SessionRevoked, SessionExpired)


@dataclass(frozen=True)
class AuthenticatedClient:
    """`after`: the number from which the client wants to resume, where it has said so already."""

    user_id: str
    session_id: str
    after: int | None


class HandshakeAuthenticator:
    def __init__(
        self,
        check: Authenticator,
        sessions: SessionStore,
        tickets: TicketStore,
        hashes: KeyedHashes,
        origins: Collection[str],
    ) -> None:
        self._check = check
        self._sessions = sessions
        self._tickets = tickets
        self._hashes = hashes
        self._origins = origins
        self._unauthenticated_count = 0

    async def authenticate(self, connection: GatewayConnection) -> AuthenticatedClient:
        """Who it is. Raises Closed, ConnectionClosed, and drivers' errors while MongoDB is away."""
        request = connection.request
        if request is None or not self._is_origin_allowed(request):
            raise SocketClosed(CloseCode.FOREIGN_ORIGIN)
        if self._unauthenticated_count >= MAX_UNAUTHENTICATED:
            raise SocketClosed(CloseCode.TRY_AGAIN)
        self._unauthenticated_count += 1
        try:
            return await self._authenticate(connection, request)
        except REFUSALS:
            raise SocketClosed(CloseCode.NOT_AUTHENTICATED) from None
        finally:
            self._unauthenticated_count -= 1

    async def _authenticate(self, connection: GatewayConnection, request: Request) -> AuthenticatedClient:
        after, ticket = _resume_position(request), _ticket(request)
        if "Authorization" in request.headers:
            given = request.headers.get_all("Authorization")
            return _client_of(await self._caller(bearer_token(given[0] if len(given) == 1 else None)), after)
        if ticket is not None:
            return _client_of(await self._redeem_ticket(ticket), after)
        said = await _first_message(connection)
        return _client_of(await self._caller(said.token), after if said.after is None else said.after)

    async def _caller(self, token: str) -> Caller:
        return await self._check.authenticate(token, datetime.now(UTC))

    async def _redeem_ticket(self, ticket: str) -> Caller:
        """Whose session the ticket was made by. Taken, it opens nothing more. Raises NotAuthenticated."""
        key, now = self._hashes.socket_ticket_hash(ticket), datetime.now(UTC)
        value = await self._tickets.consume(key, purpose=TICKET_PURPOSE, now=now, receipt=lambda _: None)
        found = await self._sessions.find_with_user(value["session_id"]) if value else None
        if found is None or refusal_for_access(*found, now):
            raise NotAuthenticated
        return Caller(found[1], found[0])

    def _is_origin_allowed(self, request: Request) -> bool:
        """Whoever is no browser has no origin. A browser says which page asks."""
        origins = request.headers.get_all("Origin")
        return not origins or "*" in self._origins or (len(origins) == 1 and origins[0] in self._origins)


async def _first_message(connection: GatewayConnection) -> Authenticate:
    """Raises NotAuthenticated for any other message, Closed after five seconds."""
    try:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            said = frames.parse_frame(await connection.recv())
    except TimeoutError:
        raise SocketClosed(CloseCode.TOO_LATE) from None
    except frames.BadFrame:
        raise NotAuthenticated from None
    if not isinstance(said, Authenticate):
        raise NotAuthenticated
    return said


def _ticket(request: Request) -> str | None:
    offered = ",".join(request.headers.get_all("Sec-WebSocket-Protocol")).split(",")
    tickets = [name.strip().removeprefix(TICKET_PREFIX) for name in offered if name.strip().startswith(TICKET_PREFIX)]
    return tickets[0] if tickets else None


def _resume_position(request: Request) -> int | None:
    """The number in `?after=`; what is no number there is not asked for."""
    given = parse_qs(urlsplit(request.path).query).get("after", [])
    try:
        return Resume.model_validate({"after": int(given[0])}).after if given else None
    except ValueError:
        return None


def _client_of(caller: Caller, after: int | None) -> AuthenticatedClient:
    return AuthenticatedClient(caller.user.user_id, caller.session.session_id, after)
