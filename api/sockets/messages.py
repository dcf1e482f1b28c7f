"""What a client may say on the sockets of every gateway. Each area adds the shapes of its own events."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from api.schemas.fields import Token


class SocketData(BaseModel):
    """The `data` of a frame: unknown fields are refused, and nothing is taken for something else."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Authenticate(SocketData):
    """The first message of a client without a header or ticket. An area adds what its clients ask for with it."""

    token: Token


class Ping(SocketData):
    """Asks for a `pong`."""


class Pong(SocketData):
    """A sign of life."""


SHARED_EVENTS: Mapping[str, type[SocketData]] = {"ping": Ping, "pong": Pong}
"""The events that every gateway has."""
