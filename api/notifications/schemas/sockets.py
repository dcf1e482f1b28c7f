"""What a client says on a WebSocket, event by event; docs/asyncapi.yaml says the same to machines."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.fields import ObjectId, Token

Seq = Annotated[int, Field(ge=0, lt=2**53)]


class SocketData(BaseModel):
    """The `data` of a frame: unknown fields are refused, and nothing is taken for something else."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Authenticate(SocketData):
    token: Token
    after: Seq | None = None


class Resume(SocketData):
    after: Seq


class Ack(SocketData):
    seq: Seq


class MarkRead(SocketData):
    notification_id: ObjectId = Field(alias="notificationId")


class Ping(SocketData):
    pass


class Pong(SocketData):
    pass


EVENTS: Mapping[str, type[SocketData]] = {
    "authenticate": Authenticate,
    "resume": Resume,
    "ack": Ack,
    "mark_notification_read": MarkRead,
    "ping": Ping,
    "pong": Pong,
}
