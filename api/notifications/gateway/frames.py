"""Frames, both ways: `{"event", "data", "timestamp", "userId"}`. Ours are made once, as they go over the wire."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from websockets.frames import Frame, Opcode

from api.notifications.schemas.notifications import NotificationView
from api.notifications.schemas.sockets import EVENTS, SocketData
from api.schemas.envelope import format_timestamp
from domain.errors import DecodeError
from domain.notifications.notifications import Notification


class BadFrame(Exception):
    """No frame of ours; the text is for a person."""


def read(message: str | bytes) -> SocketData:
    """What a client says. Raises BadFrame."""
    if isinstance(message, bytes):
        raise BadFrame("Frames are text.")
    try:
        said = json.loads(message)
    except (ValueError, RecursionError):
        raise BadFrame("This is no JSON.") from None
    event = said.get("event") if isinstance(said, dict) else None
    shape = EVENTS.get(event) if isinstance(event, str) else None
    if shape is None:
        raise BadFrame("This event is not known.")
    try:
        return shape.model_validate(said.get("data") or {})
    except ValidationError:
        raise BadFrame("The data of this event is not valid.") from None


def written(event: str, data: Mapping[str, Any], user_id: str | None) -> bytes:
    body = {"event": event, "data": data, "timestamp": format_timestamp(datetime.now(UTC)), "userId": user_id}
    return _on_the_wire(json.dumps(body, separators=(",", ":")))


def notification_received(notification: Notification) -> bytes:
    data = NotificationView.of(notification).model_dump_json()
    now = format_timestamp(datetime.now(UTC))
    text = f'"event":"notification_received","data":{data},"timestamp":"{now}","userId":"{notification.user_id}"'
    return _on_the_wire(f"{{{text}}}")


def notification_read(notification: Notification) -> bytes:
    read_at = format_timestamp(notification.read_at) if notification.read_at else None
    data = {"notificationId": notification.notification_id, "read_at": read_at}
    return written("notification_read", data, notification.user_id)


def refused(error: DecodeError, user_id: str) -> bytes:
    return written("error", {"error": type(error).__name__, "message": error.message}, user_id)


def bad_frame(error: BadFrame, user_id: str | None) -> bytes:
    return written("error", {"error": "InvalidInput", "message": str(error)}, user_id)


def _on_the_wire(text: str) -> bytes:
    """A frame of the protocol. What a server sends is the same for every socket: it is neither masked nor packed."""
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
