"""A server that answers as an API of a later release, or a busy one, might. The real one cannot be made to."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

Json = dict[str, Any]


@dataclass
class LaterApi:
    """Gives each request the next of its answers, the last one again and again, and each socket all frames."""

    url: str = ""
    answers: list[Response] = field(default_factory=list)
    frames: list[Json] = field(default_factory=list)

    def answer(self, status: int, body: Json, **headers: str) -> None:
        """Add an answer."""
        content = json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        fixed = {"Content-Type": "application/json", "Content-Length": str(len(content)), "Connection": "close"}
        self.answers.append(Response(status, HTTPStatus(status).phrase, Headers({**fixed, **named}), content))

    def succeed(self, data: object, status: int = 200) -> None:
        """Add a success."""
        self.answer(status, {"success": True, "statusCode": status, "message": "Fine", "data": data, "requestId": "r"})

    def refuse(self, status: int, error: str, **headers: str) -> None:
        """Add a refusal, with a field that is new."""
        self.answer(status, {"success": False, "error": error, "message": "No", "hint": "later"}, **headers)

    async def respond(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a request; None lets a WebSocket in."""
        if "Upgrade" in request.headers:
            return None
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def talk(self, connection: ServerConnection) -> None:
        """Send every frame, then wait for the client to go."""
        for frame in self.frames:
            await connection.send(json.dumps(frame))
        await connection.wait_closed()


@asynccontextmanager
async def later_api() -> AsyncIterator[LaterApi]:
    """Serve while the block runs."""
    api = LaterApi()
    async with serve(api.talk, "127.0.0.1", 0, process_request=api.respond) as server:
        api.url = "http://{}:{}".format(*server.sockets[0].getsockname())
        yield api
