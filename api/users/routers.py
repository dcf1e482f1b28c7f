"""Routers of the users area, and what their tags mean.

Routes are matched in this order: those with the most requests come first.
"""

from api.users.routes import own_profile, roles, security_events

ROUTERS = (
    own_profile.router,
    security_events.router,
    roles.router,
)

TAGS = {
    "security-events": "What happened to the security of the caller's account.",
}
