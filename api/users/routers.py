"""Routers of the users area, what their tags mean, and examples of what they take and give.

Routes are matched in this order: those with the most requests come first.
"""

from api.users.routes import own_profile, roles, security_events
from api.users.schemas import examples

ROUTERS = (
    own_profile.router,
    security_events.router,
    roles.router,
)

EXAMPLES = examples.EXAMPLES
TAGS = {
    "security-events": "What happened to the security of the caller's account.",
}
