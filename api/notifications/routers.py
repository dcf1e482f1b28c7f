"""Routers of the notifications area. Routes are matched in this order: those with the most requests come first."""

from api.notifications.routes import notifications

ROUTERS = (notifications.router,)
