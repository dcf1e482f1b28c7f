"""The routes of users. They are tried in this order: what is called most stands first."""

from api.users.routes import own_profile, roles, security_events

ROUTERS = (
    own_profile.router,
    security_events.router,
    roles.router,
)
