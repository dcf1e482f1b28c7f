"""The sockets of one user in this process, and how far the user's notifications were sent to them."""

from dataclasses import dataclass

from api.notifications.gateway.socket import NotificationSocket
from api.sockets.open_sockets import Group, Groups


@dataclass(eq=False, slots=True)
class Room(Group[NotificationSocket]):
    """One user's sockets. `stored_until`: the highest sequence number known to be stored; `sent_until`: the highest one
    sent to the live sockets; `is_subscribed`: the user's Redis channel is subscribed to.
    """

    stored_until: int = 0
    sent_until: int = 0
    is_subscribed: bool = False

    @property
    def user_id(self) -> str:
        """The user whose sockets are here."""
        return self.key

    @property
    def is_behind(self) -> bool:
        """Whether stored notifications are not yet sent to the live sockets."""
        return self.sent_until < self.stored_until


Rooms = Groups[Room]
"""The rooms of this process, by user."""
