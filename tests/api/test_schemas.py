"""Validation of request bodies. Anything else is refused before a route runs."""

import pytest
from pydantic import ValidationError

from api.accounts.schemas.account_deletion import ReactivateRequest
from api.accounts.schemas.email_change import EmailChangeCodeRequest, NewEmailRequest
from api.accounts.schemas.registration import RegisterRequest, ResendRequest, VerifyEmailRequest
from api.accounts.schemas.username_change import UsernameChangeCodeRequest, UsernameChangeRequest
from api.assistant.schemas.approvals import DecisionRequest
from api.assistant.schemas.chats import ChangeChatRequest, CreateChatRequest
from api.assistant.schemas.tools import ToolCallRequest
from api.assistant.schemas.turns import SendMessageRequest
from api.auth.schemas.api_keys import ChangeApiKeyRequest, CreateApiKeyRequest, KeyLimitBody, RotateApiKeyRequest
from api.auth.schemas.devices import RevokeDeviceRequest
from api.auth.schemas.identity import ExistRequest
from api.auth.schemas.password import (
    ChangePasswordRequest,
    ForgotPasswordCodeRequest,
    ForgotPasswordRequest,
    NewPasswordRequest,
)
from api.auth.schemas.sessions import (
    AccessTokenRequest,
    DeviceBody,
    LoginRequest,
    RevokeAllRequest,
    RevokeSessionRequest,
    SessionTokenRequest,
)
from api.auth.schemas.sign_in import DeviceCodeRequest, DeviceResendRequest, SecondFactorRequest
from api.auth.schemas.sso import CreateSsoTokenRequest, ValidateSsoTokenRequest
from api.auth.schemas.two_factor import EnableTwoFactorRequest
from api.auth.schemas.wallets import (
    WalletAddressRequest,
    WalletChallengeRequest,
    WalletProofRequest,
    WalletSignInRequest,
)
from api.journal.schemas.audit import AuditExportRequest
from api.operations.schemas.audit_verify import VerifyRequest
from api.schemas.envelope import Body, NoFields
from api.schemas.step_up import SecondFactorBody, StepUpBody
from api.social.schemas.follows import TargetRequest
from api.social.schemas.interests import InterestsRequest
from api.social.schemas.relationships import StatusRequest
from api.social.schemas.suggestions import DismissRequest
from api.users.schemas.grants import NewGrant, Questions
from api.users.schemas.own_profile import AvatarRequest, BioRequest, DisplayNameRequest
from api.users.schemas.permissions import NewPermission
from api.users.schemas.role_definitions import NewRole, RoleContents, RolePermissions
from api.users.schemas.roles import RoleRequest
from tests.api.contract_shapes import CONTROLS, refused_fields

REGISTER = {"username": "alice", "email": "alice@example.com", "password": "correct horse"}
VERIFY = {
    "flow_id": "r" + "A" * 32,
    "code": "ABC234",
    "fingerprint_hashed": "f" * 64,
    "browser": "Firefox",
    "device": "Laptop",
    "app": "decode",
}
LOGIN = {
    "email_or_username": "alice",
    "password": "correct horse",
    "fingerprint_hashed": "f" * 64,
    "browser": "Firefox",
    "device": "Laptop",
    "app": "decode",
}
FLOW = {"flow_id": "s" + "A" * 32}
CODE = {**FLOW, "code": "ABC234"}
DEVICE = {"fingerprint_hashed": "f" * 64, "browser": "Firefox", "device": "Laptop", "app": "decode"}
ADDRESS = {"address": "0x" + "ab" * 20}
SIGNED = {"message": "sign this", "signature": "0x" + "ab" * 65}
SECOND = {"otp": "123456", "recovery_code": "AAAA-BBBB-CCCC-DDDD"}
PROOFS = {**SECOND, "current_password": "correct horse"}
FILTER = {"type": "user.*", "from": "2026-01-31T09:30:00Z"}
BODIES: dict[type[Body], dict[str, str]] = {
    RegisterRequest: REGISTER,
    ResendRequest: FLOW,
    VerifyEmailRequest: VERIFY,
    LoginRequest: LOGIN,
    SessionTokenRequest: {"session_token": "k1.x.1.y"},
    AccessTokenRequest: {"access_token": "x.y.z"},
    RevokeSessionRequest: {"session_id": "0123456789abcdef01234567"},
    NoFields: {},
    RevokeAllRequest: {},
    StepUpBody: PROOFS,
    RevokeDeviceRequest: {**PROOFS, "device_fingerprint_id": "0123456789abcdef01234567"},
    EnableTwoFactorRequest: {"otp": "123456"},
    DeviceCodeRequest: CODE,
    DeviceResendRequest: FLOW,
    SecondFactorRequest: {**FLOW, **SECOND},
    ChangePasswordRequest: {**SECOND, "old_password": "correct horse", "new_password": "correct donkey"},
    ForgotPasswordRequest: {"email_or_username": "alice"},
    ForgotPasswordCodeRequest: CODE,
    NewPasswordRequest: {**CODE, **SECOND, "new_password": "correct donkey"},
    CreateSsoTokenRequest: {"app": "desk"},
    ValidateSsoTokenRequest: {"sso_token": "A" * 43, "app": "desk"},
    ExistRequest: {"email_or_username": "alice"},
    WalletAddressRequest: ADDRESS,
    WalletChallengeRequest: ADDRESS,
    WalletProofRequest: SIGNED,
    WalletSignInRequest: {**SIGNED, **DEVICE},
    DismissRequest: {"user_id": "0123456789abcdef01234567"},
    TargetRequest: {"user_id_to": "0123456789abcdef01234567"},
    DisplayNameRequest: {"display_name": "Alice"},
    BioRequest: {"bio": "Likes cake."},
    AvatarRequest: {"avatar_ipfs_hash": "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"},
    VerifyRequest: {},
    RoleRequest: {"user_id": "0123456789abcdef01234567", "role": "moderator"},
    ReactivateRequest: {**SECOND, "email_or_username": "alice", "password": "correct horse"},
    UsernameChangeRequest: {**PROOFS, "new_username": "alice_lee"},
    UsernameChangeCodeRequest: CODE,
    EmailChangeCodeRequest: CODE,
    AuditExportRequest: FILTER,
    NewEmailRequest: {**FLOW, "new_email": "alice@example.com"},
}
LISTS: dict[type[Body], dict[str, list[str]]] = {
    StatusRequest: {"user_ids": ["0123456789abcdef01234567"]},
    InterestsRequest: {"interest": ["ai", "other"]},
    RolePermissions: {"permissions": ["orders:refund"]},
    Questions: {"permissions": ["orders:refund"]},
}
ROLE = {"display_name": "Support", "description": "", "parents": ["user"], "permissions": [], "is_active": True}
MIXED: dict[type[Body], dict[str, object]] = {
    CreateApiKeyRequest: {"name": "report", "scopes": ["profile:read"]},
    ChangeApiKeyRequest: {"scopes": ["profile:read"]},
    RotateApiKeyRequest: {"overlap_seconds": 60},
    KeyLimitBody: {"count": 1, "seconds": 1},
    RoleContents: ROLE,
    NewRole: {"name": "support", **ROLE},
    NewPermission: {"name": "orders:refund", "description": "Refund an order.", "needs": ["step_up"]},
    CreateChatRequest: {"metadata": {"page": "profile"}},
    ChangeChatRequest: {"title": "Plans", "tools": ["echo"]},
    SendMessageRequest: {"text": "hello", "mode": "queue"},
    DecisionRequest: {"decision": "once"},
    NewGrant: {"role": "support", "reason": "On call"},
    ToolCallRequest: {"parameters": {"text": "cake"}, "call_id": "call-0001"},
}
"""Bodies with fields of several types: those of API keys see tests/api/auth/test_api_key_schemas.py."""
SHARED = {SecondFactorBody, DeviceBody}
"""Base classes of other bodies; no route accepts them alone."""
FIELDS = [(body, name) for body, fields in BODIES.items() for name in fields]
TOKENS = ("session_token", "access_token", "sso_token")
PLAIN_FIELDS = [(body, name) for body, name in FIELDS if name not in (*TOKENS, "bio")]
"""Garbage in a token is an invalid token, not an invalid body. A bio has newlines."""
OPTIONAL = ("fingerprint_hashed", *PROOFS, *FILTER)

CONTROLLED_FIELDS = [
    (body, name, control) for body, name in PLAIN_FIELDS for control in CONTROLS if (name, control) != ("message", "\n")
]
"""A message that a wallet signs has newlines."""


def bodies(base: type[Body]) -> set[type[Body]]:
    """Return all subclasses of the body, at any depth."""
    return {body for child in base.__subclasses__() for body in (child, *bodies(child))}


def test_every_body_is_in_the_table() -> None:
    assert {*BODIES, *LISTS, *MIXED} == bodies(Body) - SHARED


@pytest.mark.parametrize("body", BODIES)
def test_valid_body_is_accepted(body: type[Body]) -> None:
    assert refused_fields(body, BODIES[body]) == []


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("name", ["role", "is_admin", "$where", "", "__class__"])
def test_unknown_field_is_refused(body: type[Body], name: str) -> None:
    assert refused_fields(body, {**BODIES[body], name: "x"}) == [name]


@pytest.mark.parametrize(("body", "name"), FIELDS)
@pytest.mark.parametrize("value", [1, 1.5, True, ["alice"], {"$ne": "x"}, b"alice"], ids=repr)
def test_value_of_another_json_type_is_refused(body: type[Body], name: str, value: object) -> None:
    assert refused_fields(body, {**BODIES[body], name: value}) == [name]


@pytest.mark.parametrize(
    ("body", "name"), [field for field in FIELDS if field[1] not in OPTIONAL or field[0] is EnableTwoFactorRequest]
)
def test_null_is_refused(body: type[Body], name: str) -> None:
    assert refused_fields(body, {**BODIES[body], name: None}) == [name]


@pytest.mark.parametrize(("body", "name", "control"), CONTROLLED_FIELDS, ids=lambda each: ascii(each))
def test_control_character_is_refused(body: type[Body], name: str, control: str) -> None:
    value = BODIES[body][name]

    assert refused_fields(body, {**BODIES[body], name: value[:2] + control + value[3:]}) == [name]


@pytest.mark.parametrize(("body", "name"), FIELDS)
def test_lone_surrogate_is_refused(body: type[Body], name: str) -> None:
    value = BODIES[body][name]

    assert refused_fields(body, {**BODIES[body], name: value[:2] + "\ud800" + value[3:]}) == [name]


@pytest.mark.parametrize(
    ("body", "name", "shortest", "longest"),
    [
        (VerifyEmailRequest, "code", 6, 6),
        (VerifyEmailRequest, "fingerprint_hashed", 32, 128),
        (LoginRequest, "fingerprint_hashed", 32, 128),
        (LoginRequest, "app", 1, 255),
        (LoginRequest, "email_or_username", 1, 254),
        (LoginRequest, "password", 1, 1024),
        (ResendRequest, "flow_id", 1, 64),
        (RegisterRequest, "username", 3, 30),
        (RegisterRequest, "password", 1, 1024),
        (WalletProofRequest, "message", 1, 2048),
        (DisplayNameRequest, "display_name", 1, 50),
    ],
)
def test_length_is_bounded(body: type[Body], name: str, shortest: int, longest: int) -> None:
    lengths = [shortest - 1, shortest, longest, longest + 1]
    refusals = [bool(refused_fields(body, {**BODIES[body], name: "x" * length})) for length in lengths]

    assert refusals == [True, False, False, True]


@pytest.mark.parametrize("body", MIXED)
def test_valid_body_of_several_types_is_accepted_and_an_unknown_field_is_refused(body: type[Body]) -> None:
    assert refused_fields(body, MIXED[body]) == []
    assert refused_fields(body, {**MIXED[body], "favourite_colour": "blue"}) == ["favourite_colour"]


@pytest.mark.parametrize("body", LISTS)
def test_valid_list_is_accepted_and_an_unknown_field_is_refused(body: type[Body]) -> None:
    assert refused_fields(body, LISTS[body]) == []
    assert refused_fields(body, {**LISTS[body], "favourite_colour": "blue"}) == ["favourite_colour"]


@pytest.mark.parametrize("body", LISTS)
@pytest.mark.parametrize(
    "value", [None, 7, "x", {}, [7], [None], ["x" * 300], ["x\x00"], ["\ud800"], [[]], ["x"] * 1_000]
)
def test_invalid_list_is_refused(body: type[Body], value: object) -> None:
    (name,) = LISTS[body]

    assert set(refused_fields(body, {name: value})) == {name}


@pytest.mark.parametrize("body", MIXED)
def test_valid_mixed_body_is_accepted_and_an_unknown_field_is_refused(body: type[Body]) -> None:
    assert refused_fields(body, MIXED[body]) == []
    assert refused_fields(body, {**MIXED[body], "favourite_colour": "blue"}) == ["favourite_colour"]


INVALID: list[tuple[type[Body], str, list[object]]] = [
    (NewRole, "name", ["Support", "s", "9lives", "support ", "a" * 41, "a-b", None, 1, ""]),
    (NewRole, "parents", [None, "user", ["User"], ["user"] * 11, [1]]),
    (NewRole, "permissions", [None, ["orders"], ["orders:refund:all"], ["orders:refund"] * 201, ["*:*"]]),
    (NewRole, "description", [None, "x" * 301, "a\x00b"]),
    (NewRole, "is_active", [None, "yes", 1]),
    (NewPermission, "name", ["orders", "Orders:refund", "orders:", ":refund", "a" * 41 + ":b"]),
    (NewPermission, "description", ["", None, "x" * 301]),
    (NewPermission, "needs", [None, ["sleep"], ["step_up"] * 4]),
    (NewGrant, "reason", ["", None, "x" * 201, "a\nb", 7]),
    (NewGrant, "until", [1, "1700000000", "2030-01-01", "2030-01-01T00:00:00", "tomorrow"]),
]


@pytest.mark.parametrize(
    ("body", "name", "value"), [(body, name, value) for body, name, values in INVALID for value in values], ids=ascii
)
def test_invalid_value_of_a_mixed_body_is_refused(body: type[Body], name: str, value: object) -> None:
    assert set(refused_fields(body, {**MIXED[body], name: value})) == {name}


@pytest.mark.parametrize("named", [{}, {"role": "support", "permission": "orders:refund"}])
def test_grant_of_nothing_or_of_two_things_is_refused(named: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        NewGrant.model_validate({"reason": "On call", **named})


@pytest.mark.parametrize("body", [body for body in BODIES if set(BODIES[body]) - set(TOKENS)])
def test_validation_error_does_not_repeat_the_input(body: type[Body]) -> None:
    with pytest.raises(ValidationError) as refused:
        body.model_validate(dict.fromkeys(BODIES[body], "hunter2\x00" * 600))

    assert "hunter2" not in str(refused.value)


def test_device_is_optional() -> None:
    request = VerifyEmailRequest.model_validate({"flow_id": VERIFY["flow_id"], "code": "ABC234"})

    assert request.fingerprint_hashed is None
    assert (request.browser, request.device, request.app) == ("unknown", "unknown", "decode")
