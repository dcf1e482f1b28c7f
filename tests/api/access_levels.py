"""The access level of each route, as in the API contract, and a body that it accepts."""

from collections.abc import Mapping
from enum import StrEnum

from tests.support.envelope import Json
from tests.support.people import PASSWORD

UNKNOWN_ID = "0" * 24


class Level(StrEnum):
    """The contract's letters: public, public or token, API key, token, token and trusted device, the same with a recent
    step-up, admin, admin on such a device with a recent step-up, operator.
    """

    PUBLIC = "P"
    EITHER = "P or T"
    KEY = "K"
    TOKEN = "T"
    DEVICE = "D"
    STEP_UP = "S"
    ADMIN = "A"
    ADMIN_STEP_UP = "A and S"
    OPERATOR = "O"


LEVELS: Mapping[str, Level] = {
    "POST /auth/register/email-verification": Level.PUBLIC,
    "POST /auth/register/send-email-verification": Level.PUBLIC,
    "POST /auth/register/verify-email": Level.PUBLIC,
    "POST /auth/login": Level.PUBLIC,
    "POST /auth/login/fingerprint/email-verification": Level.PUBLIC,
    "POST /auth/login/fingerprint/resend-email-verification": Level.PUBLIC,
    "POST /auth/2fa/login": Level.PUBLIC,
    "POST /auth/session/refresh": Level.PUBLIC,
    "POST /auth/session/logout": Level.PUBLIC,
    "POST /auth/session/validate-access": Level.PUBLIC,
    "POST /auth/sso/validate": Level.PUBLIC,
    "POST /auth/password/forgot/initiate": Level.PUBLIC,
    "POST /auth/password/forgot/verify-email": Level.PUBLIC,
    "POST /auth/password/forgot/change": Level.PUBLIC,
    "POST /auth/info/exist-by-email-or-username": Level.PUBLIC,
    "GET /users/search/existing-username": Level.PUBLIC,
    "GET /flows/{flow_id}": Level.PUBLIC,
    "POST /flows/{flow_id}/cancel": Level.PUBLIC,
    "PATCH /users/account/reactivate": Level.PUBLIC,
    "GET /.well-known/jwks.json": Level.PUBLIC,
    "POST /wallets/auth/challenge": Level.PUBLIC,
    "POST /wallets/auth/validation": Level.PUBLIC,
    "GET /health": Level.PUBLIC,
    "GET /health/live": Level.PUBLIC,
    "GET /health/ready": Level.PUBLIC,
    "GET /auth/user/current": Level.TOKEN,
    "GET /users/profile/{user_id}": Level.EITHER,
    "GET /users/profile/me": Level.TOKEN,
    "PUT /users/profile/display-name": Level.TOKEN,
    "PUT /users/profile/bio": Level.TOKEN,
    "PUT /users/profile/avatar": Level.TOKEN,
    "GET /users/search": Level.TOKEN,
    "POST /relationship/follow/following": Level.TOKEN,
    "DELETE /relationship/follow/unfollow/{user_id_to}": Level.TOKEN,
    "DELETE /relationship/follow/remove-follower/{user_id_to}": Level.TOKEN,
    "POST /relationship/block/blocking": Level.TOKEN,
    "DELETE /relationship/block/unblocking/{user_id_to}": Level.TOKEN,
    "GET /notifications": Level.TOKEN,
    "GET /notifications/unread/count": Level.TOKEN,
    "PATCH /notifications/read-all": Level.TOKEN,
    "POST /notifications/{notification_id}/read": Level.TOKEN,
    "PATCH /notifications/{notification_id}/read": Level.TOKEN,
    "POST /notifications/ticket": Level.TOKEN,
    "GET /relationship/user/{user_id}": Level.EITHER,
    "POST /relationship/status": Level.TOKEN,
    "GET /relationship/follow/followers/me": Level.TOKEN,
    "GET /relationship/follow/followings/me": Level.TOKEN,
    "GET /relationship/follow/followers": Level.TOKEN,
    "GET /relationship/follow/followings": Level.TOKEN,
    "GET /relationship/block/blocked": Level.TOKEN,
    "GET /relationship/mutual/followers/{user_id_to}": Level.TOKEN,
    "GET /relationship/search/followers": Level.TOKEN,
    "GET /relationship/search/followings": Level.TOKEN,
    "PUT /relationship/interest": Level.TOKEN,
    "POST /relationship/interest/create": Level.TOKEN,
    "GET /relationship/interest/list": Level.TOKEN,
    "GET /relationship/interest/suggest-user": Level.TOKEN,
    "GET /relationship/suggest": Level.TOKEN,
    "POST /relationship/suggest/dismiss": Level.TOKEN,
    "GET /api-keys": Level.TOKEN,
    "GET /api-keys/self": Level.KEY,
    "GET /api-keys/{key_id}": Level.TOKEN,
    "GET /api-keys/{key_id}/usage": Level.TOKEN,
    "POST /api-keys": Level.STEP_UP,
    "PATCH /api-keys/{key_id}": Level.STEP_UP,
    "POST /api-keys/{key_id}/rotate": Level.STEP_UP,
    "DELETE /api-keys/{key_id}": Level.DEVICE,
    "GET /users/{user_id}/api-keys": Level.ADMIN,
    "DELETE /users/{user_id}/api-keys/{key_id}": Level.ADMIN_STEP_UP,
    "GET /wallets/link/me": Level.TOKEN,
    "GET /wallets/link/{user_id}": Level.TOKEN,
    "GET /wallets/primary/me": Level.TOKEN,
    "GET /wallets/primary/{user_id}": Level.TOKEN,
    "POST /wallets/link/challenge": Level.DEVICE,
    "POST /wallets/link/validation": Level.DEVICE,
    "POST /wallets/primary/challenge": Level.DEVICE,
    "POST /wallets/primary/validation": Level.DEVICE,
    "PATCH /wallets/primary/unset": Level.DEVICE,
    "GET /auth/session/active": Level.DEVICE,
    "POST /auth/session/revoke": Level.DEVICE,
    "POST /auth/session/revoke-all": Level.DEVICE,
    "GET /auth/fingerprints": Level.DEVICE,
    "POST /auth/sso/create": Level.DEVICE,
    "GET /auth/2fa/status": Level.DEVICE,
    "POST /auth/2fa/enable": Level.DEVICE,
    "POST /auth/step-up": Level.DEVICE,
    "GET /auth/security-events": Level.DEVICE,
    "POST /auth/password/change": Level.DEVICE,
    "DELETE /wallets/link/unlink/{address}": Level.STEP_UP,
    "POST /users/email/change/revert": Level.PUBLIC,
    "POST /users/username/change/verify-email": Level.DEVICE,
    "POST /users/email/change/verify-email": Level.DEVICE,
    "POST /users/email/change/new-email-initiate": Level.DEVICE,
    "POST /users/email/change/new-email-verify": Level.DEVICE,
    "POST /users/email/change/initiate": Level.STEP_UP,
    "POST /users/username/change/initiate": Level.STEP_UP,
    "POST /auth/fingerprints/revoke": Level.STEP_UP,
    "POST /auth/2fa/setup": Level.STEP_UP,
    "POST /auth/2fa/disable": Level.STEP_UP,
    "POST /auth/2fa/recovery-codes": Level.STEP_UP,
    "PATCH /users/account/deactivate": Level.STEP_UP,
    "POST /users/account/export": Level.STEP_UP,
    "GET /users/account/export/{flow_id}": Level.DEVICE,
    "PUT /users/profile/role": Level.ADMIN,
    "GET /users/me/audit": Level.TOKEN,
    "GET /audit": Level.ADMIN,
    "GET /audit/head": Level.ADMIN,
    "GET /audit/{seq}": Level.ADMIN,
    "GET /health/dependencies": Level.ADMIN,
    "GET /graph/reports": Level.ADMIN,
    "POST /relationship/snapshot/trigger": Level.ADMIN,
    "GET /relationship/snapshot/growth/{user_id}": Level.ADMIN,
    "GET /relationship/snapshot/growth/{user_id}.svg": Level.ADMIN,
    "GET /relationship/snapshot/last-month/{user_id}": Level.TOKEN,
    "POST /codec/decode": Level.OPERATOR,
}
"""A password change needs no step-up: the old password is a required field. Growth is readable by its owner too."""

BODIES: Mapping[str, Json] = {
    "POST /auth/step-up": {"current_password": PASSWORD},
    "POST /auth/session/revoke": {"session_id": UNKNOWN_ID},
    "POST /auth/fingerprints/revoke": {"device_fingerprint_id": UNKNOWN_ID},
    "POST /users/username/change/initiate": {"new_username": "admin"},
}
"""Routes where `{}` would be refused before the access rule is checked."""

PLACES = {
    "{flow_id}": "r" + "A" * 32,
    "{user_id}": UNKNOWN_ID,
    "{user_id_to}": UNKNOWN_ID,
    "{notification_id}": UNKNOWN_ID,
    "{seq}": "1",
    "{key_id}": UNKNOWN_ID,
    "{address}": "0x" + "ab" * 20,
}
"""Values of path parameters."""
