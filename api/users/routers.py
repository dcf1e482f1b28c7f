"""Routers of the users area. Routes are matched in this order: those with the most requests come first."""

from api.users.routes import own_profile, roles, security_events

ROUTERS = (
    own_profile.router,
    security_events.router,
    roles.router,
)
