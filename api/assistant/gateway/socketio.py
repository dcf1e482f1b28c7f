"""Socket.IO as a spelling: an unmodified `socket.io-client` on the same conversation, door and limits.

`40` with `auth` is the first message `authenticate`; each event is one of the plain socket. What the server says comes
in the envelope of event_codes.py (docs/decisions/0072).
"""

import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from api.assistant.gateway.engine_packets import ROOT, Packet, PacketKind, encode_packet, parse_packet
from api.assistant.gateway.event_codes import envelope
from api.sockets import socket_checks
from api.sockets.close_codes import REASONS, CloseCode, SocketClosed
from api.sockets.connection import MAX_FRAME_BYTES
from api.sockets.frames import BadFrame, build_frame, decode, parse_event
from api.sockets.messages import Pong, SocketData
from domain.auth.errors import SessionRevoked
from domain.errors import DecodeError, Forbidden, InvalidInput, NotAuthenticated, RateLimited

FINAL: Mapping[int, type[DecodeError]] = {
    CloseCode.INVALID_INPUT: InvalidInput,
    CloseCode.NOT_AUTHENTICATED: NotAuthenticated,
    CloseCode.FORBIDDEN: Forbidden,
    CloseCode.SESSION_ENDED: SessionRevoked,
    CloseCode.TOO_MANY: RateLimited,
}
"""Codes after which a client is not to connect again by itself, and how they are named to it."""

_asked: ContextVar[Packet | None] = ContextVar("_asked", default=None)
"""The packet that is being handled, without its data. What a message has started in the background keeps its own."""


class SocketIo:
    """The spelling of one socket. The first frame lets the client in."""

    def __init__(self) -> None:
        self._has_connected = False
        self._is_let_in = False

    def opening(self) -> bytes:
        """Return the opening packet of Engine.IO."""
        ping_after, drop_after = socket_checks.PING_AFTER_SECONDS, socket_checks.DROP_AFTER_SECONDS
        facts = {
            "sid": secrets.token_hex(12),
            "upgrades": [],
            "pingInterval": round(ping_after * 1000),
            "pingTimeout": round((drop_after - ping_after) * 1000),
            "maxPayload": MAX_FRAME_BYTES,
        }
        return encode_packet(Packet(PacketKind.OPEN, facts))

    def parse(self, message: str | bytes, events: Mapping[str, type[SocketData]]) -> SocketData:
        """Return what a packet says. Raises BadFrame, and SocketClosed for a goodbye and for a first packet that
        connects to another namespace.
        """
        _asked.set(None)
        packet = parse_packet(message)
        _asked.set(replace(packet, data=None))
        if packet.namespace != ROOT:
            return self._refuse_namespace()
        match packet.kind:
            case PacketKind.PONG:
                return Pong()
            case PacketKind.CLOSE | PacketKind.DISCONNECT:
                raise SocketClosed(CloseCode.NORMAL)
            case PacketKind.CONNECT if not self._has_connected:
                return self._connect(packet.data, events)
            case PacketKind.EVENT if self._has_connected:
                return _parse_arguments(packet.data, events)
        raise BadFrame("This packet has no place here.")

    def event(self, frame: bytes) -> bytes:
        """Return an event. Before the first stands the packet that names the client's socket."""
        event, data, spelled = _read(frame)
        packet = encode_packet(Packet(PacketKind.EVENT, [event, spelled]))
        if self._is_let_in:
            return packet
        self._is_let_in = True
        return encode_packet(Packet(PacketKind.CONNECT, {"sid": data["clientId"]})) + packet

    def answer(self, frame: bytes) -> bytes:
        """Return the acknowledgement if one was asked for, and no event. Another namespace is refused by name."""
        match _asked.get():
            case Packet(namespace=namespace) if namespace != ROOT:
                return _connect_error(frame, namespace)
            case Packet(PacketKind.EVENT, ack_id=ack_id) if ack_id:
                _, _, spelled = _read(frame)
                return encode_packet(Packet(PacketKind.ACK, [spelled], ack_id=ack_id))
        return self.event(frame)

    def ping(self) -> bytes:
        """Return a ping of Engine.IO, without which clients take the connection for broken."""
        return encode_packet(Packet(PacketKind.PING))

    def goodbye(self, code: int) -> bytes:
        """Return why the client is let in no more. After any other code it connects again by itself."""
        if code not in FINAL:
            return b""
        frame = build_frame("error", {"error": FINAL[code].__name__, "message": REASONS[CloseCode(code)]}, None)
        if self._is_let_in:
            return self.event(frame) + encode_packet(Packet(PacketKind.DISCONNECT))
        asked = _asked.get()
        return _connect_error(frame, asked.namespace if asked else ROOT)

    def _refuse_namespace(self) -> SocketData:
        if not self._is_let_in:
            raise SocketClosed(CloseCode.INVALID_INPUT)
        raise BadFrame("There is no namespace but /.")

    def _connect(self, auth: Any, events: Mapping[str, type[SocketData]]) -> SocketData:
        """Take who connects; a client that its header has let in says nothing more of that."""
        self._has_connected = True
        return Pong() if self._is_let_in and not auth else parse_event("authenticate", auth, events)


def _parse_arguments(arguments: Any, events: Mapping[str, type[SocketData]]) -> SocketData:
    match arguments:
        case [event]:
            return parse_event(event, None, events)
        case [event, data]:
            return parse_event(event, data, events)
    raise BadFrame("An event has a name, and one argument at most.")


def _connect_error(frame: bytes, namespace: str) -> bytes:
    _, data, spelled = _read(frame)
    refusal = {"message": data["message"], "data": spelled}
    return encode_packet(Packet(PacketKind.CONNECT_ERROR, refusal, namespace))


def _read(frame: bytes) -> tuple[str, Mapping[str, Any], Mapping[str, Any]]:
    """Return event and data of a frame, and what a client of Socket.IO gets with the event."""
    said = decode(frame)
    event, data = str(said["event"]), said["data"]
    return event, data, envelope(event, data, said["timestamp"])
