"""Routers of the users area, what their tags mean, and examples of what they take and give.

Routes are matched in this order: those with the most requests come first.
"""

from api.users.routes import access, grants, own_profile, permissions, role_definitions, roles, security_events
from api.users.schemas import examples

ROUTERS = (
    own_profile.router,
    security_events.router,
    roles.router,
    access.router,
    grants.router,
    role_definitions.router,
    permissions.router,
)

EXAMPLES = examples.EXAMPLES
TAGS = {
    "access": "What users may do, and why.",
    "grants": "Roles and permissions that a user has besides the account's role.",
    "roles": "Roles, each with what it includes and adds.",
    "permissions": "What routes, and an app's own services, ask of their callers.",
    "security-events": "What happened to the security of the caller's account.",
}
