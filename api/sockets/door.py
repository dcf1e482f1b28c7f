"""What a gateway asks of those who come in, what they may say on their sockets, and how it is spelled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.sockets.frames import PlainSpelling, Spelling
from api.sockets.messages import SocketData
from domain.users.permissions import Permission


@dataclass(frozen=True)
class Door:
    """An entrance of one gateway. `path`: its address, also in SOCKET_PATHS (api/http/protocol.py). `permission`: what
    the user needs, and the scope that an API key needs. `events`: the shape of each event's data, for `authenticate` a
    class of Authenticate. `new_spelling`: makes the spelling of a socket.
    """

    path: str
    permission: Permission
    events: Mapping[str, type[SocketData]]
    new_spelling: Callable[[], Spelling] = PlainSpelling

    @property
    def route(self) -> str:
        """How the opening of a socket is named in the usage of a key."""
        return f"GET {self.path} (WebSocket)"
