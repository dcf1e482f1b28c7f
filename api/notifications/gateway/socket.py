"""One open socket of a user: how far its notifications were sent."""

from dataclasses import dataclass

from api.sockets.socket import Socket


@dataclass(eq=False, slots=True)
class NotificationSocket(Socket):
    """`sent_until`: the sequence number of the last notification sent. `is_live`: new notifications are sent at once;
    otherwise a replay is pending. `keeps_count`: the client acknowledges what it has received. `marks_read`: it may
    change what is read.
    """

    sent_until: int = 0
    is_live: bool = False
    keeps_count: bool = False
    marks_read: bool = True
