"""Frames in both directions: JSON `{"event", "data", "timestamp", "userId"}`. Outgoing ones are encoded once.

A door may have another spelling of them.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from pydantic import ValidationError
from websockets.frames import Frame, Opcode

from api.schemas.json_text import parse_json
from api.sockets.messages import SocketData
from domain.errors import DecodeError
from domain.moments import format_timestamp

PING = Frame(Opcode.PING, b"").serialize(mask=False)


class BadFrame(Exception):
    """The frame is malformed or unknown; the text is shown to the client."""


class BadData(BadFrame):
    """The event is known, its data is not valid. `shape`: what it is to be. `fields`: those at fault."""

    def __init__(self, shape: type[SocketData], error: ValidationError) -> None:
        super().__init__("The data of this event is not valid.")
        self.shape = shape
        self.fields = {each["loc"][0] for each in error.errors(include_input=False) if each["loc"]}


def parse_frame(message: str | bytes, events: Mapping[str, type[SocketData]]) -> SocketData:
    """Return the validated data of a client's frame. `events`: the shape of each event's data. Raises BadFrame;
    BadData for an event that is known.
    """
    frame = parse_text(message)
    event, data = (frame.get("event"), frame.get("data")) if isinstance(frame, dict) else (None, None)
    return parse_event(event, data, events)


def parse_text(message: str | bytes) -> Any:
    """Return the value of a JSON text. Raises BadFrame."""
    if isinstance(message, bytes):
        raise BadFrame("Frames are text.")
    try:
        return parse_json(message)
    except ValueError:
        raise BadFrame("This is no JSON.") from None


def parse_event(event: object, data: object, events: Mapping[str, type[SocketData]]) -> SocketData:
    """Return the validated data of an event. Raises BadFrame; BadData for an event that is known."""
    shape = events.get(event) if isinstance(event, str) else None
    if shape is None:
        raise BadFrame("This event is not known.")
    try:
        return shape.model_validate(data or {})
    except ValidationError as error:
        raise BadData(shape, error) from None


def build_frame(event: str, data: Mapping[str, Any], user_id: str | None) -> bytes:
    """Return an encoded frame. `user_id`: the owner of the socket."""
    body = {"event": event, "data": data, "timestamp": format_timestamp(datetime.now(UTC)), "userId": user_id}
    return encode(json.dumps(body, separators=(",", ":")))


def refusal_frame(error: DecodeError, user_id: str) -> bytes:
    """Return the error frame of a refused message."""
    return build_frame("error", {"error": type(error).__name__, "message": error.message}, user_id)


def bad_frame_frame(error: BadFrame, user_id: str | None) -> bytes:
    """Return the error frame of a malformed or unknown frame."""
    return build_frame("error", {"error": "InvalidInput", "message": str(error)}, user_id)


def encode(text: str) -> bytes:
    """Return a WebSocket text frame, identical for every socket: servers do not mask, and nothing is compressed."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


def decode(frame: bytes) -> Any:
    """Return the value of a JSON text that `encode` was given."""
    head = {126: 4, 127: 10}.get(frame[1], 2)
    return parse_json(frame[head:])


class Spelling(Protocol):
    """How what is said on one socket is spelled. All but `parse` return what is to be written, as bytes for the wire;
    it may be nothing.
    """

    def opening(self) -> bytes:
        """Return what the server says first."""

    def parse(self, message: str | bytes, events: Mapping[str, type[SocketData]]) -> SocketData:
        """Return the validated data of a client's message, as `parse_frame` does. Raises BadFrame, SocketClosed."""

    def event(self, frame: bytes) -> bytes:
        """Return a frame of `build_frame` in this spelling."""

    def answer(self, frame: bytes) -> bytes:
        """Return a frame of `build_frame` as the answer to the message that was parsed last in this context."""

    def ping(self) -> bytes:
        """Return a ping."""

    def goodbye(self, code: int) -> bytes:
        """Return what is said before the socket is closed with this code."""


class PlainSpelling:
    """Frames as `build_frame` makes them, and the pings of WebSocket itself (RFC 6455, section 5.5.2)."""

    __slots__ = ()

    def opening(self) -> bytes:
        """Return nothing: the client speaks first."""
        return b""

    def parse(self, message: str | bytes, events: Mapping[str, type[SocketData]]) -> SocketData:
        """Return the validated data of a frame. Raises BadFrame."""
        return parse_frame(message, events)

    def event(self, frame: bytes) -> bytes:
        """Return the frame."""
        return frame

    def answer(self, frame: bytes) -> bytes:
        """Return the frame: its event says what it answers."""
        return frame

    def ping(self) -> bytes:
        """Return a ping of WebSocket."""
        return PING

    def goodbye(self, code: int) -> bytes:
        """Return nothing: the close frame says it."""
        return b""
