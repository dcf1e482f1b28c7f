"""Routers of the notifications area, and what their tags mean.

Routes are matched in this order: those with the most requests come first.
"""

from api.notifications.routes import notifications

ROUTERS = (notifications.router,)

TAGS = {
    "notifications": "The caller's notifications, their read state, and tickets for the WebSocket.",
}
