"""The routes of notifications. They are tried in this order: what is called most stands first."""

from api.notifications.routes import notifications

ROUTERS = (notifications.router,)
