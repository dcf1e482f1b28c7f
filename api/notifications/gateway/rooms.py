"""The sockets of this process by user, and how far each user's notifications were sent."""

from dataclasses import dataclass, field

from api.notifications.gateway.socket import Socket


@dataclass(eq=False, slots=True)
class Room:
    """One user's sockets in this process. `stored_until`: the highest sequence number known to be stored; `sent_until`:
    the highest one sent to the live sockets; `is_subscribed`: the user's Redis channel is subscribed to.
    """

    user_id: str
    sockets: list[Socket] = field(default_factory=list)
    stored_until: int = 0
    sent_until: int = 0
    is_subscribed: bool = False

    @property
    def is_behind(self) -> bool:
        """Whether stored notifications are not yet sent to the live sockets."""
        return self.sent_until < self.stored_until


class Rooms:
    """All rooms and sockets of this process, by user, and by the session or API key that opened it."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}
        self._opened_by: dict[str, list[Socket]] = {}

    def enter(self, socket: Socket) -> Room:
        """Add a socket and return its room, which is new for the user's first socket."""
        room = self._rooms.setdefault(socket.user_id, Room(socket.user_id))
        room.sockets.append(socket)
        self._opened_by.setdefault(socket.opened_by, []).append(socket)
        return room

    def leave(self, socket: Socket) -> Room:
        """Remove a socket and return its room, which is removed with its last socket."""
        room = self._rooms[socket.user_id]
        room.sockets.remove(socket)
        if not room.sockets:
            del self._rooms[socket.user_id]
        beside = self._opened_by[socket.opened_by]
        beside.remove(socket)
        if not beside:
            del self._opened_by[socket.opened_by]
        return room

    def find(self, user_id: str) -> Room | None:
        """Return the user's room; None without sockets in this process."""
        return self._rooms.get(user_id)

    def all(self) -> list[Room]:
        """Return a copy of the list of rooms."""
        return list(self._rooms.values())

    def sockets(self) -> list[Socket]:
        """Return all sockets."""
        return [socket for room in self._rooms.values() for socket in room.sockets]

    def openers(self) -> list[str]:
        """Return the ids of all sessions, and the prefixes of all keys, with a socket in this process."""
        return list(self._opened_by)

    def opened_by(self, opener: str) -> list[Socket]:
        """Return the sockets that a session or key has opened."""
        return list(self._opened_by.get(opener, ()))
