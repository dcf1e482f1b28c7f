"""Who opens a socket: by header, by ticket, or by the first message. And from which page."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from websockets.http11 import Request

from adapters.crypto.hashes import Hashes
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.auth.tickets import TicketStore
from api.access.authentication import Authentication, Caller, bearer_token
from api.notifications.gateway import frames
from api.notifications.gateway.close_codes import CloseCode, Closed
from api.notifications.gateway.connection import GatewayConnection
from api.notifications.schemas.sockets import Authenticate, Resume
from domain.auth.errors import SessionExpired, SessionRevoked
from domain.auth.sessions import judge_access
from domain.errors import NotAuthenticated
from domain.notifications.notifications import TICKET_PURPOSE

SECONDS = 5.0
MOST_UNKNOWN = 1_000
"""Sockets of nobody yet. Each may stay for five seconds; more at a time are a storm."""
TICKET = "decode.ticket."
REFUSALS = (NotAuthenticated, SessionRevoked, SessionExpired)


@dataclass(frozen=True)
class Admitted:
    """`after`: the number from which the client wants to resume, where it has said so already."""

    user_id: str
    session_id: str
    after: int | None


class Entrance:
    def __init__(
        self,
        check: Authentication,
        sessions: SessionStore,
        tickets: TicketStore,
        hashes: Hashes,
        origins: Collection[str],
    ) -> None:
        self._check = check
        self._sessions = sessions
        self._tickets = tickets
        self._hashes = hashes
        self._origins = origins
        self._unknown_count = 0

    async def admit(self, connection: GatewayConnection) -> Admitted:
        """Who it is. Raises Closed, ConnectionClosed, and drivers' errors while MongoDB is away."""
        request = connection.request
        if request is None or not self._may_connect(request):
            raise Closed(CloseCode.FOREIGN_ORIGIN)
        if self._unknown_count >= MOST_UNKNOWN:
            raise Closed(CloseCode.TRY_AGAIN)
        self._unknown_count += 1
        try:
            return await self._admitted(connection, request)
        except REFUSALS:
            raise Closed(CloseCode.NOT_AUTHENTICATED) from None
        finally:
            self._unknown_count -= 1

    async def _admitted(self, connection: GatewayConnection, request: Request) -> Admitted:
        after, ticket = _after(request), _ticket(request)
        if "Authorization" in request.headers:
            given = request.headers.get_all("Authorization")
            return _of(await self._caller(bearer_token(given[0] if len(given) == 1 else None)), after)
        if ticket is not None:
            return _of(await self._bearer_of(ticket), after)
        said = await _first_message(connection)
        return _of(await self._caller(said.token), after if said.after is None else said.after)

    async def _caller(self, token: str) -> Caller:
        return await self._check.caller(token, datetime.now(UTC))

    async def _bearer_of(self, ticket: str) -> Caller:
        """Whose session the ticket was made by. Taken, it opens nothing more. Raises NotAuthenticated."""
        key, now = self._hashes.socket_ticket(ticket), datetime.now(UTC)
        value = await self._tickets.take(key, purpose=TICKET_PURPOSE, now=now, receipt=lambda _: None)
        found = await self._sessions.find_with_user(value["session_id"]) if value else None
        if found is None or judge_access(*found, now):
            raise NotAuthenticated
        return Caller(found[1], found[0])

    def _may_connect(self, request: Request) -> bool:
        """Whoever is no browser has no origin. A browser says which page asks."""
        origins = request.headers.get_all("Origin")
        return not origins or "*" in self._origins or (len(origins) == 1 and origins[0] in self._origins)


async def _first_message(connection: GatewayConnection) -> Authenticate:
    """Raises NotAuthenticated for any other message, Closed after five seconds."""
    try:
        async with asyncio.timeout(SECONDS):
            said = frames.read(await connection.recv())
    except TimeoutError:
        raise Closed(CloseCode.TOO_LATE) from None
    except frames.BadFrame:
        raise NotAuthenticated from None
    if not isinstance(said, Authenticate):
        raise NotAuthenticated
    return said


def _ticket(request: Request) -> str | None:
    offered = ",".join(request.headers.get_all("Sec-WebSocket-Protocol")).split(",")
    tickets = [name.strip().removeprefix(TICKET) for name in offered if name.strip().startswith(TICKET)]
    return tickets[0] if tickets else None


def _after(request: Request) -> int | None:
    """The number in `?after=`; what is no number there is not asked for."""
    given = parse_qs(urlsplit(request.path).query).get("after", [])
    try:
        return Resume.model_validate({"after": int(given[0])}).after if given else None
    except ValueError:
        return None


def _of(caller: Caller, after: int | None) -> Admitted:
    return Admitted(caller.user.user_id, caller.session.session_id, after)
