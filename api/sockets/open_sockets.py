"""The open sockets of a gateway in this process: in groups, such as those of one user, and by what has opened them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from api.sockets.socket import Socket

OneSocket = TypeVar("OneSocket", bound=Socket)


@dataclass(eq=False, slots=True)
class Group(Generic[OneSocket]):
    """Sockets that belong together. `key`: the id of what they share, such as their user."""

    key: str
    sockets: list[OneSocket] = field(default_factory=list)


AGroup = TypeVar("AGroup", bound=Group[Any])


class Groups(Generic[AGroup]):
    """Groups by key. `new_group` makes one for the first socket of a key; it is removed with the last."""

    def __init__(self, new_group: Callable[[str], AGroup]) -> None:
        self._new_group = new_group
        self._groups: dict[str, AGroup] = {}

    def enter(self, key: str, socket: Socket) -> AGroup:
        """Add a socket and return its group."""
        group = self._groups.get(key) or self._groups.setdefault(key, self._new_group(key))
        group.sockets.append(socket)
        return group

    def leave(self, key: str, socket: Socket) -> AGroup:
        """Remove a socket and return its group."""
        group = self._groups[key]
        group.sockets.remove(socket)
        if not group.sockets:
            del self._groups[key]
        return group

    def find(self, key: str) -> AGroup | None:
        """Return the group; None without sockets in this process."""
        return self._groups.get(key)

    def all(self) -> list[AGroup]:
        """Return a copy of the list of groups."""
        return list(self._groups.values())

    def keys(self) -> list[str]:
        """Return the keys of all groups."""
        return list(self._groups)


class OpenSockets(Generic[AGroup]):
    """All sockets of a gateway: `users` by user, and by the session or API key that opened them. `new_group` makes the
    group of a user.
    """

    def __init__(self, new_group: Callable[[str], AGroup]) -> None:
        self.users = Groups(new_group)
        self._openers: Groups[Group[Socket]] = Groups(Group)

    def enter(self, socket: Socket) -> AGroup:
        """Add a socket and return the group of its user."""
        self._openers.enter(socket.opened_by, socket)
        return self.users.enter(socket.user_id, socket)

    def leave(self, socket: Socket) -> AGroup:
        """Remove a socket and return the group of its user."""
        self._openers.leave(socket.opened_by, socket)
        return self.users.leave(socket.user_id, socket)

    @property
    def count(self) -> int:
        """How many sockets are open."""
        return sum(len(group.sockets) for group in self.users.all())

    def all(self) -> list[Socket]:
        """Return all sockets."""
        return [socket for group in self.users.all() for socket in group.sockets]

    def openers(self) -> list[str]:
        """Return the ids of all sessions, and the prefixes of all keys, with a socket in this process."""
        return self._openers.keys()

    def opened_by(self, opener: str) -> list[Socket]:
        """Return the sockets that a session or key has opened."""
        group = self._openers.find(opener)
        return list(group.sockets) if group else []
