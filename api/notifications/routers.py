"""Routers of the notifications area, what their tags mean, and examples of what they take and give.

Routes are matched in this order: those with the most requests come first.
"""

from api.notifications.routes import notifications
from api.notifications.schemas import examples

ROUTERS = (notifications.router,)

EXAMPLES = examples.EXAMPLES
TAGS = {
    "notifications": "The caller's notifications, their read state, and tickets for the WebSocket.",
}
