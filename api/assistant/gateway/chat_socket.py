"""One open socket of a chat: how far it was told of each turn."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from api.assistant.schemas.sockets import AnswerApproval, CallTool, RetryTurn, StopTurn, UserMessage
from api.sockets.messages import SocketData
from api.sockets.socket import Socket
from domain.assistant.telling import Told
from domain.auth.errors import KeyNotAllowed, ScopeMissing

WRITES = (UserMessage, StopTurn, RetryTurn, AnswerApproval, CallTool)
"""What is asked with the permission `assistant:write`, as over HTTP; the rest with that of the socket."""


@dataclass(eq=False, slots=True)
class ChatSocket(Socket):
    """`chat_id`: of its chat. `told`: how far it was told, by turn. `may_write`: whether it may say anything.
    `is_entering`: it is told of no turn yet. `held_to`: until what it has just asked is answered, it is told of these
    turns alone; None: of all. `go_on`: tells it more. `scopes`: of the API key that opened it, None for a session.
    """

    chat_id: str = ""
    may_write: bool = True
    is_entering: bool = False
    held_to: Collection[str] | None = None
    told: dict[str, Told] | None = None
    """None on sockets of chats in which nothing is said."""
    go_on: Callable[[], None] | None = None
    scopes: Collection[str] | None = None

    def hears_of(self, turn_id: str) -> bool:
        """Whether it is told of a turn now."""
        is_held = self.is_entering or (self.held_to is not None and turn_id not in self.held_to)
        return not is_held and turn_id in (self.told or {})

    def wait_until_clear(self, go_on: Callable[[], None]) -> None:
        """Have `go_on` called when the peer has read all that was written. What it is told then is more at once."""
        self.go_on = go_on
        self.connection.on_writable = self._flush

    def _flush(self) -> None:
        # Not super(): a class with slots is another one than that in which this was defined.
        Socket._flush(self)
        if self.go_on is not None and self.is_clear:
            go_on, self.go_on = self.go_on, None
            go_on()


def require_right(message: SocketData, socket: ChatSocket) -> None:
    """Raise ScopeMissing for what a key asks that may only read, KeyNotAllowed for an approval by any key."""
    if isinstance(message, AnswerApproval) and socket.key_use is not None:
        raise KeyNotAllowed
    if isinstance(message, WRITES) and not socket.may_write:
        raise ScopeMissing
