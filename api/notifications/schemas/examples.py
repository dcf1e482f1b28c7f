"""Examples of the notifications area in the contract."""

from api.notifications.schemas.notifications import (
    ChangedCount,
    NotificationPage,
    NotificationView,
    SocketTicket,
    UnreadCount,
)
from api.schemas.examples import META, NOW, OTHER_ID, USER_ID, Examples

NOTIFICATION = {
    "_id": "65e1a0c4f1d2b3a4c5d6e704",
    "seq": 7,
    "user_id": USER_ID,
    "type": "new_follow",
    "title": "New follower",
    "message": "bob follows you",
    "data": {"user_id": OTHER_ID, "username": "bob"},
    "delivered": True,
    "delivered_at": NOW,
    "read": False,
    "read_at": None,
    "createdAt": NOW,
}

EXAMPLES: Examples = {
    ChangedCount: {"changed": 3},
    NotificationPage: {"notifications": [NOTIFICATION], "meta": META},
    NotificationView: NOTIFICATION,
    SocketTicket: {"ticket": "Lw2Zk9Nd5Hf3Pg6ArJ4mB0sVq8Yt1Xc7Lw2Zk9Nd5H", "expires_in": 30},
    UnreadCount: {"count": 3},
}
