"""What a client says on a socket for notifications, event by event; docs/asyncapi.yaml says the same to machines."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from api.schemas.fields import ObjectId
from api.sockets.messages import SHARED_EVENTS, Authenticate, SocketData

Seq = Annotated[int, Field(ge=0, lt=2**53)]


class AuthenticateAndResume(Authenticate):
    after: Seq | None = None


class Resume(SocketData):
    after: Seq


class Ack(SocketData):
    seq: Seq


class MarkRead(SocketData):
    notification_id: ObjectId = Field(alias="notificationId")


EVENTS: Mapping[str, type[SocketData]] = {
    **SHARED_EVENTS,
    "authenticate": AuthenticateAndResume,
    "resume": Resume,
    "ack": Ack,
    "mark_notification_read": MarkRead,
}
