"""Authentication of a new socket by header, ticket, or first message, after a check of its Origin."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.auth.tickets import TicketStore
from api.access.authentication import Authenticator, Caller, SessionCaller, bearer_token
from api.access.callers import KEY_HEADER
from api.access.key_authentication import KeyCaller
from api.access.role_catalogue import RoleCatalogue
from api.sockets import frames
from api.sockets.close_codes import CloseCode, SocketClosed
from api.sockets.connection import GatewayConnection
from api.sockets.door import Door
from api.sockets.key_sockets import KeySockets
from api.sockets.messages import Authenticate
from api.sockets.socket_limits import HandshakeLimit
from domain.auth.api_keys import KeyUse
from domain.auth.errors import SessionExpired, SessionRevoked
from domain.auth.key_format import is_key
from domain.auth.sessions import refusal_for_access
from domain.auth.tickets import TICKET_PURPOSE
from domain.errors import NotAuthenticated, RateLimited
from domain.users.permissions import Permission

HANDSHAKE_SECONDS = 5.0
MAX_UNAUTHENTICATED = 1_000
"""Sockets that may be unauthenticated at a time. Each has five seconds; above the limit clients must try later."""
TICKET_PREFIX = "decode.ticket."
REFUSALS = (NotAuthenticated, SessionRevoked, SessionExpired)


@dataclass(frozen=True)
class AuthenticatedClient:
    """The user of a socket, and what the client asks for. `opened_by`: the id of the session, or the prefix of the API
    key. `key_use` and `scopes`: how the key was used, and what it may do; None for a session. `query`: values by name,
    as in the target. `message`: the first message, if that has authenticated the client.
    """

    user_id: str
    opened_by: str
    key_use: KeyUse | None
    scopes: Sequence[str] | None
    query: Mapping[str, Sequence[str]]
    message: Authenticate | None

    def may(self, permission: Permission) -> bool:
        """Whether a key has this scope. A session has no scopes, and may do what its user may."""
        return self.scopes is None or permission in self.scopes


class HandshakeAuthenticator:
    """Authenticates the sockets of all gateways. `origins`: the allowed web origins; `*` allows all."""

    def __init__(
        self,
        check: Authenticator,
        sessions: SessionStore,
        tickets: TicketStore,
        hashes: KeyedHashes,
        origins: Collection[str],
        handshake_limit: HandshakeLimit,
        key_sockets: KeySockets,
        roles: RoleCatalogue,
    ) -> None:
        self._check = check
        self._key_sockets = key_sockets
        self._sessions = sessions
        self._tickets = tickets
        self._hashes = hashes
        self._origins = origins
        self._handshake_limit = handshake_limit
        self._roles = roles
        self._unauthenticated_count = 0

    async def authenticate(self, connection: GatewayConnection, door: Door) -> AuthenticatedClient:
        """Return the client of a connection, which may enter by this door. A refusal counts for the client's network.

        Raises SocketClosed, ConnectionClosed, and drivers' errors while MongoDB is unavailable.
        """
        try:
            return await self._admit(connection, door)
        except SocketClosed:
            await self._count_refused(connection)
            raise

    async def _count_refused(self, connection: GatewayConnection) -> None:
        try:
            await self._handshake_limit.count_refused(connection.client, _forwarded_for(connection))
        except RateLimited:
            raise SocketClosed(CloseCode.TOO_MANY) from None

    async def _admit(self, connection: GatewayConnection, door: Door) -> AuthenticatedClient:
        request = connection.request
        if request is None or not self._is_origin_allowed(request):
            raise SocketClosed(CloseCode.FORBIDDEN)
        if self._unauthenticated_count >= MAX_UNAUTHENTICATED:
            raise SocketClosed(CloseCode.TRY_AGAIN)
        self._unauthenticated_count += 1
        try:
            caller, message = await self._authenticate(connection, request, door)
        except REFUSALS:
            raise SocketClosed(CloseCode.NOT_AUTHENTICATED) from None
        except RateLimited:
            raise SocketClosed(CloseCode.TOO_MANY) from None
        finally:
            self._unauthenticated_count -= 1
        if door.permission not in await self._roles.permissions_of(caller.user, datetime.now(UTC)):
            raise SocketClosed(CloseCode.FORBIDDEN)
        return _client_of(caller, request, message)

    async def _authenticate(
        self, connection: GatewayConnection, request: Request, door: Door
    ) -> tuple[Caller, Authenticate | None]:
        """Return the caller, and the message that has authenticated it."""
        ticket, token = _ticket(request), _token(request)
        if token is not None:
            return await self._caller(connection, token, door), None
        if ticket is not None:
            return await self._redeem_ticket(ticket), None
        message = await _first_message(connection, door)
        return await self._caller(connection, message.token, door), message

    async def _caller(self, connection: GatewayConnection, token: str, door: Door) -> Caller:
        """Raises RateLimited, SocketClosed for a key without the right, and what authentication raises."""
        if not is_key(token):
            return await self._check.authenticate(token, datetime.now(UTC))
        limits = await self._handshake_limit.limits_of(connection.client, _forwarded_for(connection))
        return await self._key_sockets.admit(token, limits, door)

    async def _redeem_ticket(self, ticket: str) -> SessionCaller:
        """Consume the ticket and return the caller whose session created it. Raises NotAuthenticated."""
        key, now = self._hashes.socket_ticket_hash(ticket), datetime.now(UTC)
        value = await self._tickets.consume(key, purpose=TICKET_PURPOSE, now=now, receipt=lambda _: None)
        session_and_user = await self._sessions.find_with_user(value["session_id"]) if value else None
        if session_and_user is None or refusal_for_access(*session_and_user, now):
            raise NotAuthenticated
        session, user = session_and_user
        return SessionCaller(user, session)

    def _is_origin_allowed(self, request: Request) -> bool:
        """Whether the Origin is allowed (RFC 6455, section 10.2). A client without the header is not a browser, nor is
        one with `Authorization` or `X-API-Key`, which no page can set.
        """
        if "Authorization" in request.headers or KEY_HEADER in request.headers:
            return True
        origins = request.headers.get_all("Origin")
        return not origins or "*" in self._origins or (len(origins) == 1 and origins[0] in self._origins)


async def _first_message(connection: GatewayConnection, door: Door) -> Authenticate:
    """Return the `authenticate` message. Raises NotAuthenticated for any other and for what is no token, SocketClosed
    after five seconds and for another fault in it.
    """
    try:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            message = connection.spelling.parse(await connection.recv(), door.events)
    except TimeoutError:
        raise SocketClosed(CloseCode.TOO_LATE) from None
    except frames.BadData as bad:
        # Another token would not help.
        if issubclass(bad.shape, Authenticate) and "token" not in bad.fields:
            raise SocketClosed(CloseCode.INVALID_INPUT) from None
        raise NotAuthenticated from None
    except frames.BadFrame:
        raise NotAuthenticated from None
    if not isinstance(message, Authenticate):
        raise NotAuthenticated
    return message


def _token(request: Request) -> str | None:
    """Return the access token or API key in the headers; None without one. Raises NotAuthenticated for two."""
    bearers, keys = request.headers.get_all("Authorization"), request.headers.get_all(KEY_HEADER)
    if not bearers and not keys:
        return None
    if len(bearers) + len(keys) > 1 or (keys and not is_key(keys[0])):
        raise NotAuthenticated
    return keys[0] if keys else bearer_token(bearers[0])


def _forwarded_for(connection: GatewayConnection) -> Sequence[str]:
    return connection.request.headers.get_all("X-Forwarded-For") if connection.request else []


def _ticket(request: Request) -> str | None:
    """Return the ticket among the offered subprotocols, the only header that a browser's script can set."""
    offered = ",".join(request.headers.get_all("Sec-WebSocket-Protocol")).split(",")
    tickets = [name.strip().removeprefix(TICKET_PREFIX) for name in offered if name.strip().startswith(TICKET_PREFIX)]
    return tickets[0] if tickets else None


def _client_of(caller: Caller, request: Request, message: Authenticate | None) -> AuthenticatedClient:
    query = parse_qs(urlsplit(request.path).query)
    use, scopes = (caller.use, caller.key.scopes) if isinstance(caller, KeyCaller) else (None, None)
    return AuthenticatedClient(caller.user.user_id, caller.asker_id, use, scopes, query, message)
