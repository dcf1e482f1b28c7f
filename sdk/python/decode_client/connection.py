"""Makes calls: signs them, refreshes the session, waits as long as the API asks for."""

import asyncio
import secrets
from collections.abc import Iterator
from datetime import date

import httpx

from decode_client.calls import Answer, Call, Query
from decode_client.errors import refusal, seconds_to_wait
from decode_client.generated.answers import Registered, SessionView
from decode_client.session import Session

LATER = {429, 503}
ACCEPTED = 202
UNAUTHORIZED = 401
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 8.0


class Connection:
    """Calls one API as one user. `max_wait`: for how many seconds in all one request is repeated."""

    def __init__(self, http: httpx.AsyncClient, session: Session, max_wait: float) -> None:
        self._http = http
        self._session = session
        self._max_wait = max_wait

    async def answer(self, call: Call[Answer]) -> Answer:
        """Make the call. Raises DecodeError for a refusal, httpx.TransportError without an answer."""
        response = await self._signed(call) if call.is_signed else await self._send(call, self._request(call))
        reader = call.readers.get(response.status_code)
        if reader is None:
            raise refusal(response)
        answer = reader(response)
        self._keep_session(answer)
        return answer

    async def _signed(self, call: Call[Answer]) -> httpx.Response:
        """Send with the access token; once more if a new one is needed."""
        request, token = self._request(call), await self._session.access_token()
        response = await self._send(call, _sign(request, token))
        if token and response.status_code == UNAUTHORIZED and refusal(response).error == "NotAuthenticated":
            renewed = await self._session.renew(token)
            if renewed != token:
                response = await self._send(call, _sign(request, renewed))
        return response

    async def _send(self, call: Call[Answer], request: httpx.Request) -> httpx.Response:
        """Send, and repeat what is answered later. A request keeps its Idempotency-Key, so that it counts once."""
        clock = asyncio.get_running_loop().time
        end = clock() + self._max_wait
        for pause in _pauses():
            try:
                response = await self._http.send(request)
            except httpx.TransportError as lost:
                is_safe = call.is_repeatable or isinstance(lost, httpx.ConnectError)
                if not is_safe or clock() + pause > end:
                    raise
            else:
                wait = _wait_asked(call, response, pause)
                if wait is None or clock() + wait > end:
                    return response
                pause = wait
            await asyncio.sleep(pause)
        raise AssertionError("pauses have no end")

    def _request(self, call: Call[Answer]) -> httpx.Request:
        key = {"Idempotency-Key": secrets.token_urlsafe(24)} if call.is_keyed else {}
        return self._http.build_request(call.method, call.path, params=_sent(call.query), json=call.body, headers=key)

    def _keep_session(self, answer: object) -> None:
        """Be the user whose session an answer has opened."""
        opened = answer.session if isinstance(answer, Registered) else answer
        if isinstance(opened, SessionView) and opened.session_token:
            self._session.adopt(opened)


def _sent(query: Query) -> dict[str, str | int | bool]:
    """What is not given is not sent: the API has the defaults."""
    given = {name: value for name, value in query.items() if value is not None}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}


def _sign(request: httpx.Request, token: str | None) -> httpx.Request:
    if token:
        request.headers["Authorization"] = f"Bearer {token}"
    return request


def _wait_asked(call: Call[Answer], response: httpx.Response, pause: float) -> float | None:
    """How long to wait before the request is repeated; None when the answer stands.

    A step that still runs has no result yet: the same request gets it later. Where 202 is the only success, it is the
    result.
    """
    if response.status_code in LATER:
        return seconds_to_wait(response)
    may_run = response.status_code == ACCEPTED and len(call.readers) > 1 and call.is_repeatable
    return pause if may_run and response.json()["data"]["state"] == "running" else None


def _pauses() -> Iterator[float]:
    pause = FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
