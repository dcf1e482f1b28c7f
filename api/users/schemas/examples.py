"""Examples of the users area in the contract."""

from api.schemas.examples import META, NOW, OTHER_ID, USER_ID, Examples
from api.users.schemas.grants import AccessView, Decisions, GrantView, NewGrant, Questions
from api.users.schemas.own_profile import AvatarRequest, BioRequest, DisplayNameRequest
from api.users.schemas.permissions import NewPermission, PermissionList, PermissionView
from api.users.schemas.role_definitions import NewRole, RoleContents, RoleList, RolePermissions, RoleView
from api.users.schemas.roles import RoleRequest
from api.users.schemas.security_events import SecurityEventPage
from api.users.schemas.users import Profile

CID = "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"
PROFILE = {
    "_id": USER_ID,
    "username": "alice",
    "display_name": "Alice Lee",
    "bio": "Likes cake.",
    "avatar_ipfs_hash": CID,
    "role": "user",
    "is_active": True,
    "last_login": NOW,
    "createdAt": NOW,
    "updatedAt": NOW,
}
EVENT = {
    "kind": "signed_in",
    "severity": "info",
    "at": NOW,
    "device": "Firefox, Laptop",
    "address_prefix": "203.0.113.0/24",
}
ROLE_CONTENTS = {
    "display_name": "Support",
    "description": "Helps users with their orders.",
    "parents": ["user"],
    "permissions": ["orders:refund"],
    "is_active": True,
}
ROLE = {
    "_id": OTHER_ID,
    "name": "support",
    **ROLE_CONTENTS,
    "effective": ["orders:refund", "profile:read", "profile:update"],
    "level": 3,
    "is_system": False,
    "holders": 4,
}
NEW_PERMISSION = {"name": "orders:refund", "description": "Refund an order.", "needs": ["step_up"]}
PERMISSION = {**NEW_PERMISSION, "is_scope": False, "is_system": False}
GRANT = {
    "_id": OTHER_ID,
    "kind": "role",
    "name": "support",
    "until": NOW,
    "reason": "On call this week",
    "by": USER_ID,
    "at": NOW,
}
PATH = {"grant_id": OTHER_ID, "roles": ["support"]}

EXAMPLES: Examples = {
    AccessView: {
        "role": "user",
        "grants": [GRANT],
        "effective": [{"permission": "orders:refund", "by": [PATH]}],
        "version": 12,
    },
    Decisions: {
        "decisions": [{"permission": "orders:refund", "allowed": True, "because": [PATH], "needs": ["step_up"]}]
    },
    GrantView: GRANT,
    NewGrant: {"role": "support", "until": NOW, "reason": "On call this week"},
    NewPermission: NEW_PERMISSION,
    NewRole: {"name": "support", **ROLE_CONTENTS},
    PermissionList: {"permissions": [PERMISSION]},
    PermissionView: PERMISSION,
    Questions: {"permissions": ["orders:refund"]},
    RoleContents: ROLE_CONTENTS,
    RoleList: {"roles": [ROLE]},
    RolePermissions: {"permissions": ["orders:refund"]},
    RoleView: ROLE,
    AvatarRequest: {"avatar_ipfs_hash": CID},
    BioRequest: {"bio": "Likes cake."},
    DisplayNameRequest: {"display_name": "Alice Lee"},
    Profile: PROFILE,
    RoleRequest: {"user_id": OTHER_ID, "role": "moderator"},
    SecurityEventPage: {"events": [EVENT], "meta": META},
}
