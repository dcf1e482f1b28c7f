"""The people who have sockets here: who they are, how far they have been told, and who is behind."""

from dataclasses import dataclass, field

from api.notifications.gateway.socket import Socket


@dataclass(eq=False, slots=True)
class Room:
    """One person's sockets in this process. `stored_until`: how far the store is known to go; `sent_until`: how far
    the live sockets have been told.
    """

    user_id: str
    sockets: list[Socket] = field(default_factory=list)
    stored_until: int = 0
    sent_until: int = 0
    is_subscribed: bool = False

    @property
    def is_behind(self) -> bool:
        return self.sent_until < self.stored_until


class Rooms:
    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._sessions: dict[str, list[Socket]] = {}

    def enter(self, socket: Socket) -> Room:
        room = self._rooms.setdefault(socket.user_id, Room(socket.user_id))
        room.sockets.append(socket)
        self._sessions.setdefault(socket.session_id, []).append(socket)
        return room

    def leave(self, socket: Socket) -> Room:
        """The room that the socket was in, closed if it was the last one there."""
        room = self._rooms[socket.user_id]
        room.sockets.remove(socket)
        if not room.sockets:
            del self._rooms[socket.user_id]
        session = self._sessions[socket.session_id]
        session.remove(socket)
        if not session:
            del self._sessions[socket.session_id]
        return room

    def find(self, user_id: str) -> Room | None:
        return self._rooms.get(user_id)

    def all(self) -> list[Room]:
        return list(self._rooms.values())

    def sockets(self) -> list[Socket]:
        return [socket for room in self._rooms.values() for socket in room.sockets]

    def sessions(self) -> list[str]:
        """Ids of all sessions that hold a socket here."""
        return list(self._sessions)

    def of_session(self, session_id: str) -> list[Socket]:
        return list(self._sessions.get(session_id, ()))
