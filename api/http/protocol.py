"""HTTP on uvicorn's connections. A request that offers an upgrade is an ordinary request, unless it opens a WebSocket
where there is one.
"""

import asyncio
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qsl

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser, parse_url
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.http11 import Request
from websockets.server import ServerProtocol

SOCKET_PATHS: Mapping[bytes, Mapping[str, str]] = {
    b"/notifications": {},
    b"/assistant": {},
    b"/socket.io/": {"EIO": "4", "transport": "websocket"},
}
"""The addresses with a WebSocket, each the door of a gateway (api/sockets/door.py), with what the query must say."""


class HttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol on httptools, for requests with an upgrade.

    The parser stops behind the head of such a request: whatever follows would be the other protocol. uvicorn leaves it
    there, so a body is lost, or read as the next request. A server may ignore the offer (RFC 9110, section 7.8): then
    the parser reads the head again without it, and the body after that (docs/decisions/0014).
    """

    def data_received(self, data: bytes) -> None:
        """Read what the client has sent: requests, pipelined or in pieces, or the handshake of a WebSocket."""
        self._unset_keepalive_if_required()
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._read(rest) :]
        except HttpParserError:
            self.logger.warning("Invalid HTTP request received.")
            self.send_400_response("Invalid HTTP request received.")

    def _read(self, data: memoryview) -> int:
        """Parse to the end, or as far as the next upgrade. Returns how much was read. Raises HttpParserError."""
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            read = int(upgrade.args[0])
            if not self._is_handshake():
                self._ignore_upgrade()
                return read
            self.handle_websocket_upgrade()
            connection = cast(asyncio.Protocol, self.transport.get_protocol())
            connection.data_received(bytes(data[read:]))
        return len(data)

    def _ignore_upgrade(self) -> None:
        """Parse the head again without Upgrade, by a new parser set as uvicorn sets it: one that has seen
        `Connection: close` reads no further request.
        """
        self.parser, head = HttpRequestParser(self), self._head_without_upgrade()
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser.feed_data(head)

    def _should_upgrade(self) -> bool:
        """Whether uvicorn leaves the present request alone: any with an upgrade, until `_read` has decided."""
        return True

    def _is_handshake(self) -> bool:
        """Whether this is the opening handshake of a WebSocket, at an address that has one: a GET without a body that
        `websockets` accepts (RFC 6455, section 4.2.1). Raises HttpParserError for a malformed target.
        """
        target = parse_url(self.url)
        asked = SOCKET_PATHS.get(target.path)
        if asked is None or not asked.items() <= dict(parse_qsl((target.query or b"").decode("latin-1"))).items():
            return False
        server = ServerProtocol()
        server.receive_data(self._head(self.headers))
        return any(
            isinstance(event, Request) and server.accept(event).status_code == HTTPStatus.SWITCHING_PROTOCOLS
            for event in server.events_received()
        )

    def _head_without_upgrade(self) -> bytes:
        """Return the head of the present request as if it had no Upgrade. Raises HttpParserError for CONNECT, which
        asks for a tunnel (RFC 9110, section 9.3.6): what follows is no request of ours.
        """
        if self.scope["method"] == "CONNECT":
            raise HttpParserError("CONNECT")
        return self._head([header for header in self.headers if header[0] != b"upgrade"])

    def _head(self, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
        """Return the head of the present request with these headers."""
        method, version = self.scope["method"].encode(), self.scope["http_version"].encode()
        lines = [b"%b: %b" % header for header in headers]
        return b"\r\n".join([b"%b %b HTTP/%b" % (method, self.url, version), *lines, b"", b""])
