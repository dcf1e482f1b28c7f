"""The scripted server: the routes of providers, and its own routes for scripts and for what was asked."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from devstack.model_server import anthropic_wire, openai_wire
from devstack.model_server.asked import LIMIT, Asked, Outcome, asked_by
from devstack.model_server.http import Request, Response, read_request
from devstack.model_server.play import play
from devstack.model_server.script import Answer, Script, Scripts, parse_script
from devstack.model_server.wire import Wire, begun_text
from devstack.ports import HOST

WIRES: Mapping[str, Wire] = {"/v1/chat/completions": openai_wire, "/v1/messages": anthropic_wire}
KEY = "scripted"


class ModelServer:
    """A server of language models that says what its scripts say. `asked`: the requests for models, oldest first."""

    def __init__(self, key: str) -> None:
        self.url = ""
        self.asked: deque[Asked] = deque(maxlen=LIMIT)
        self._key = key
        self._scripts = Scripts()
        self._connections: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def serving(cls, *, port: int = 0, key: str = KEY) -> AsyncIterator["ModelServer"]:
        """Serve at `url` on 127.0.0.1, by default on any free port; `key` is what clients must bring."""
        server = cls(key)
        listener = await asyncio.start_server(server._accept, HOST, port)
        server.url = f"http://{HOST}:{listener.sockets[0].getsockname()[1]}"
        try:
            yield server
        finally:
            listener.close()
            await _ended(*server._connections)

    def script(self, *answers: Answer, model: str | None = None) -> None:
        """Play these from now on, for one model or for all without a script of their own."""
        self._scripts.play(Script(model=model, answers=answers))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await read_request(reader):
                if not await self._respond(request, reader, writer):
                    break
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _respond(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Respond while the client is there; return whether the connection can be used again."""
        asked, response = asked_by(request), Response(writer)
        # A client sends nothing before it has its response: what can be read is its end.
        responding = asyncio.create_task(self._route(request, asked, response))
        leaving = asyncio.create_task(reader.read(1))
        try:
            await asyncio.wait({responding, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not responding.done() or isinstance(responding.exception(), ConnectionError):
                asked.outcome = Outcome.CLIENT_GONE
                return False
            responding.result()
            return response.is_whole
        finally:
            await _ended(responding, leaving)

    async def _route(self, request: Request, asked: Asked, response: Response) -> None:
        match request.method, request.path:
            case "PUT", "/script":
                await self._put_script(request, response)
            case "GET", "/asked":
                await response.send_json(200, {"asked": [asdict(one) for one in self.asked]})
            case "DELETE", "/asked":
                self.asked.clear()
                await response.send_json(200, {"asked": []})
            case _:
                self.asked.append(asked)
                await self._ask(request, response)
                asked.began_at = response.began_at
                asked.outcome = Outcome.FINISHED if response.is_whole else Outcome.BROKEN

    async def _put_script(self, request: Request, response: Response) -> None:
        try:
            self._scripts.play(parse_script(request.body))
        except ValueError as error:
            await response.send_json(400, {"error": str(error)})
        else:
            await response.send_json(200, {"models": self._scripts.models})

    async def _ask(self, request: Request, response: Response) -> None:
        """Respond as the provider whose path or header it is."""
        by_header = anthropic_wire if "anthropic-version" in request.headers else openai_wire
        wire = WIRES.get(request.path, by_header)
        if refusal := wire.refusal(request, self._key):
            await response.send_json(refusal.status, refusal.body)
        elif request.method == "POST" and request.path in WIRES:
            await self._answer(json.loads(request.body), wire, response)
        elif (request.method, request.path) == ("GET", "/v1/models"):
            await response.send_json(200, wire.models(self._scripts.models))
        else:
            await response.send_json(404, wire.error(404))

    async def _answer(self, body: dict[str, Any], wire: Wire, response: Response) -> None:
        answer = self._scripts.next_answer(body["model"]).rest(begun_text(body["messages"]))
        await play(answer, wire.encode_answer(answer, body), wire, response)


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel the tasks and wait for their end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
