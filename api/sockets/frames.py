"""Frames in both directions: JSON `{"event", "data", "timestamp", "userId"}`. Outgoing ones are encoded once."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from websockets.frames import Frame, Opcode

from api.schemas.json_text import parse_json
from api.sockets.messages import SocketData
from domain.errors import DecodeError
from domain.moments import format_timestamp


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
    if isinstance(message, bytes):
        raise BadFrame("Frames are text.")
    try:
        data = parse_json(message)
    except ValueError:
        raise BadFrame("This is no JSON.") from None
    event = data.get("event") if isinstance(data, dict) else None
    shape = events.get(event) if isinstance(event, str) else None
    if shape is None:
        raise BadFrame("This event is not known.")
    try:
        return shape.model_validate(data.get("data") or {})
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
