"""docs/openapi.json documents for each route the refusals that the tests provoke."""

import json
import re
from typing import Any

import pytest

from api.openapi import PATH

DOCUMENT = json.loads(PATH.read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]

BODY = {"InvalidInput", "BodyTooLarge", "UnsupportedMediaType"}
STEP = {"FlowNotFound", "FlowExpired", "FlowClosed", "AttemptsExhausted", "IdempotencyKeyReused"}
AWAY = {"DependencyUnavailable"}
BEARER = {"NotAuthenticated", "SessionRevoked", "SessionExpired", "Forbidden"}
DEVICE = BEARER | {"DeviceNotTrusted"}
STEP_UP = {"StepUpRequired", "SecondFactorRequired", "InvalidCredentials", "WrongCode", "AccountThrottled"}
GUARDED = DEVICE | AWAY | {"Forbidden", "StepUpRequired"}
GIVEN = {"GrantTooWide", "RoleNotFound", "PermissionNotFound", "RoleCycle", "RoleTooDeep"}

REFUSALS = {
    "post /auth/register/email-verification": BODY
    | AWAY
    | {"UsernameTaken", "WeakPassword", "IdempotencyKeyReused", "Overloaded"},
    "post /auth/register/send-email-verification": BODY | AWAY | STEP | {"ResendTooSoon"},
    "post /auth/register/verify-email": BODY | AWAY | STEP | {"WrongCode", "UsernameTaken"},
    "post /auth/login": BODY
    | AWAY
    | {"InvalidCredentials", "AccountDeactivated", "AccountThrottled", "IdempotencyKeyReused", "Overloaded"},
    "post /auth/session/refresh": BODY | AWAY | {"SessionInvalid", "SessionExpired", "SessionRevoked", "SessionReused"},
    "post /auth/session/logout": BODY | AWAY,
    "post /wallets/auth/challenge": BODY | AWAY,
    "post /wallets/auth/validation": BODY
    | AWAY
    | {"WalletProofInvalid", "InvalidCredentials", "AccountDeactivated", "IdempotencyKeyReused"},
    "post /wallets/link/challenge": BODY | AWAY | DEVICE,
    "post /wallets/link/validation": BODY
    | AWAY
    | DEVICE
    | {"WalletProofInvalid", "WalletLinked", "WalletLimit", "IdempotencyKeyReused"},
    "get /wallets/link/me": BEARER | AWAY,
    "get /wallets/link/{user_id}": BEARER | AWAY | {"UserNotFound", "InvalidInput"},
    "delete /wallets/link/unlink/{address}": AWAY
    | DEVICE
    | {"StepUpRequired", "WalletNotFound", "PrimaryWallet", "InvalidInput"},
    "post /wallets/primary/challenge": BODY | AWAY | DEVICE | {"WalletNotFound"},
    "post /wallets/primary/validation": BODY
    | AWAY
    | DEVICE
    | {"WalletProofInvalid", "WalletNotFound", "IdempotencyKeyReused"},
    "patch /wallets/primary/unset": BODY | AWAY | DEVICE | {"WalletNotFound"},
    "get /wallets/primary/me": BEARER | AWAY | {"WalletNotFound"},
    "get /wallets/primary/{user_id}": BEARER | AWAY | {"UserNotFound", "WalletNotFound", "InvalidInput"},
    "post /users/username/change/initiate": BODY
    | AWAY
    | DEVICE
    | STEP_UP
    | {"UsernameTaken", "UsernameCooldown", "FlowClosed", "IdempotencyKeyReused"},
    "post /users/username/change/verify-email": BODY
    | AWAY
    | DEVICE
    | STEP
    | {"WrongCode", "UsernameTaken", "UsernameCooldown"},
    "post /users/email/change/initiate": BODY
    | AWAY
    | DEVICE
    | STEP_UP
    | {"EmailChangeBarred", "FlowClosed", "IdempotencyKeyReused"},
    "post /users/email/change/verify-email": BODY | AWAY | DEVICE | STEP | {"WrongCode", "WrongStep"},
    "post /users/email/change/new-email-initiate": BODY | AWAY | DEVICE | STEP | {"ResendTooSoon", "WrongStep"},
    "post /users/email/change/new-email-verify": BODY | AWAY | DEVICE | STEP | {"WrongCode", "WrongStep"},
    "post /users/email/change/revert": BODY | AWAY | STEP | {"WrongCode"},
    "get /users/profile/me": BEARER | AWAY,
    "get /users/profile/{user_id}": BEARER | AWAY | {"InvalidInput", "UserNotFound"},
    "put /users/profile/display-name": BEARER | BODY | AWAY,
    "put /users/profile/bio": BEARER | BODY | AWAY,
    "put /users/profile/avatar": BEARER | BODY | AWAY,
    "put /users/profile/role": BEARER | BODY | AWAY | {"Forbidden", "GrantTooWide", "UserNotFound", "LastAdmin"},
    "get /roles": BEARER | AWAY | {"Forbidden"},
    "get /roles/{role_id}": BEARER | AWAY | {"Forbidden", "InvalidInput", "RoleNotFound"},
    "post /roles": GUARDED | BODY | GIVEN | {"RoleExists", "RoleLimit", "IdempotencyKeyReused"},
    "put /roles/{role_id}": GUARDED | BODY | GIVEN | {"SystemRole", "LastAdmin"},
    "delete /roles/{role_id}": GUARDED | {"InvalidInput", "RoleNotFound", "SystemRole", "RoleInUse"},
    "post /roles/{role_id}/permissions": GUARDED | BODY | GIVEN | {"SystemRole", "LastAdmin"},
    "delete /roles/{role_id}/permissions/{name}": GUARDED | {"InvalidInput", "RoleNotFound", "SystemRole", "LastAdmin"},
    "get /permissions": BEARER | AWAY | {"Forbidden"},
    "post /permissions": GUARDED | BODY | {"PermissionExists", "PermissionLimit", "IdempotencyKeyReused"},
    "delete /permissions/{name}": GUARDED
    | {"InvalidInput", "PermissionNotFound", "SystemPermission", "PermissionInUse"},
    "get /users/{user_id}/access": BEARER | AWAY | {"Forbidden", "InvalidInput", "UserNotFound"},
    "post /users/{user_id}/grants": GUARDED
    | BODY
    | {"GrantTooWide", "UserNotFound", "RoleNotFound", "PermissionNotFound", "GrantLimit", "IdempotencyKeyReused"},
    "delete /users/{user_id}/grants/{grant_id}": GUARDED
    | {"InvalidInput", "UserNotFound", "GrantNotFound", "LastAdmin"},
    "post /access/decide": BEARER | BODY | AWAY | {"Forbidden", "UserNotFound"},
    "get /users/search": BEARER | AWAY | {"InvalidInput"},
    "get /users/search/existing-username": AWAY | {"InvalidInput"},
    "post /relationship/follow/following": BEARER
    | BODY
    | AWAY
    | {"CannotTargetSelf", "UserNotFound", "YouBlockThisUser"},
    "delete /relationship/follow/unfollow/{user_id_to}": BEARER | AWAY | {"CannotTargetSelf", "InvalidInput"},
    "delete /relationship/follow/remove-follower/{user_id_to}": BEARER | AWAY | {"CannotTargetSelf", "InvalidInput"},
    "post /relationship/block/blocking": BEARER | BODY | AWAY | {"CannotTargetSelf", "UserNotFound"},
    "delete /relationship/block/unblocking/{user_id_to}": BEARER | AWAY | {"CannotTargetSelf", "InvalidInput"},
    "get /notifications": BEARER | AWAY | {"InvalidInput"},
    "get /notifications/unread/count": BEARER | AWAY,
    "patch /notifications/read-all": BEARER | BODY | AWAY,
    "post /notifications/{notification_id}/read": BEARER | BODY | AWAY | {"NotificationNotFound"},
    "patch /notifications/{notification_id}/read": BEARER | BODY | AWAY | {"NotificationNotFound"},
    "post /notifications/ticket": BEARER | BODY | AWAY | {"IdempotencyKeyReused"},
    "get /relationship/user/{user_id}": BEARER | AWAY | {"UserNotFound", "InvalidInput"},
    "post /relationship/status": BEARER | BODY | AWAY,
    "get /relationship/follow/followers/me": BEARER | AWAY | {"InvalidInput"},
    "get /relationship/follow/followings/me": BEARER | AWAY | {"InvalidInput"},
    "get /relationship/follow/followers": BEARER | AWAY | {"UserNotFound", "InvalidInput"},
    "get /relationship/follow/followings": BEARER | AWAY | {"UserNotFound", "InvalidInput"},
    "get /relationship/block/blocked": BEARER | AWAY | {"InvalidInput"},
    "get /relationship/mutual/followers/{user_id_to}": BEARER | AWAY | {"UserNotFound", "InvalidInput"},
    "get /relationship/search/followers": BEARER | AWAY | {"InvalidInput"},
    "get /relationship/search/followings": BEARER | AWAY | {"InvalidInput"},
    "put /relationship/interest": BEARER | BODY | AWAY,
    "post /relationship/interest/create": BEARER | BODY | AWAY,
    "get /relationship/interest/list": BEARER | AWAY,
    "get /relationship/interest/suggest-user": BEARER | AWAY | {"InvalidInput"},
    "get /relationship/suggest": BEARER | AWAY | {"InvalidInput"},
    "post /relationship/suggest/dismiss": BEARER | BODY | AWAY | {"CannotTargetSelf", "UserNotFound"},
    "get /flows/{flow_id}": AWAY | {"FlowNotFound"},
    "patch /users/account/deactivate": BODY | AWAY | DEVICE | STEP_UP | {"LastAdmin"},
    "patch /users/account/reactivate": BODY
    | AWAY
    | {"InvalidCredentials", "SecondFactorRequired", "WrongCode", "AccountDeactivated", "AccountThrottled"},
    "post /users/account/export": BODY | AWAY | DEVICE | STEP_UP | {"IdempotencyKeyReused"},
    "get /users/account/export/{flow_id}": AWAY
    | BEARER
    | {"DeviceNotTrusted", "FlowNotFound", "FlowExpired", "FlowClosed"},
    "post /flows/{flow_id}/cancel": AWAY | DEVICE | STEP | {"InvalidInput", "WrongStep"},
    "get /health/ready": AWAY,
    "get /health/dependencies": BEARER | AWAY,
    "get /graph/reports": BEARER | AWAY | {"InvalidInput"},
    "post /relationship/snapshot/trigger": BEARER | BODY | AWAY | {"IdempotencyKeyReused"},
    "get /relationship/snapshot/last-month/{user_id}": BEARER | AWAY | {"InvalidInput", "UserNotFound"},
    "get /relationship/snapshot/growth/{user_id}": BEARER | AWAY | {"InvalidInput", "UserNotFound"},
    "get /relationship/snapshot/growth/{user_id}.svg": BEARER | AWAY | {"InvalidInput", "UserNotFound"},
    "post /codec/decode": BODY | {"NotAuthenticated"},
}


def responses(operation: str) -> dict[str, Any]:
    method, path = operation.split(" ")
    found: dict[str, Any] = DOCUMENT["paths"][path][method]["responses"]
    return found


def schema_of(response: dict[str, Any]) -> dict[str, Any]:
    name = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    found: dict[str, Any] = SCHEMAS[name]
    return found


@pytest.mark.parametrize("operation", REFUSALS)
def test_route_documents_its_refusals(operation: str) -> None:
    text = " ".join(response["description"] for response in responses(operation).values())

    assert REFUSALS[operation] - set(re.findall(r"`(\w+)`", text)) == set()


@pytest.mark.parametrize("operation", REFUSALS)
def test_refusals_are_the_enum_of_a_named_schema(operation: str) -> None:
    refused = [response for status, response in responses(operation).items() if status >= "400"]

    listed = {error for response in refused for error in schema_of(response)["properties"]["error"]["enum"]}

    assert REFUSALS[operation] - listed == set()


def test_bearer_is_a_security_scheme() -> None:
    schemes = DOCUMENT["components"].get("securitySchemes", {})

    assert ("http", "bearer") in {(each["type"], each.get("scheme")) for each in schemes.values()}


def test_body_of_the_codec_is_documented() -> None:
    assert "requestBody" in DOCUMENT["paths"]["/codec/decode"]["post"]
