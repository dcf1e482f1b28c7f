"""Examples of the users area in the contract."""

from api.schemas.examples import META, NOW, OTHER_ID, USER_ID, Examples
from api.users.schemas.own_profile import AvatarRequest, BioRequest, DisplayNameRequest
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

EXAMPLES: Examples = {
    AvatarRequest: {"avatar_ipfs_hash": CID},
    BioRequest: {"bio": "Likes cake."},
    DisplayNameRequest: {"display_name": "Alice Lee"},
    Profile: PROFILE,
    RoleRequest: {"user_id": OTHER_ID, "role": "moderator"},
    SecurityEventPage: {"events": [EVENT], "meta": META},
}
