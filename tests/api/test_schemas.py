"""What a body may hold. Anything else is refused before a route sees it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.schemas.devices import RevokeDeviceRequest
from api.schemas.envelope import Body, NoFields
from api.schemas.fields import Cid, Code, EmailAddress, Username
from api.schemas.identity import ExistRequest
from api.schemas.password import (
    ChangePasswordRequest,
    ForgotPasswordCodeRequest,
    ForgotPasswordRequest,
    NewPasswordRequest,
)
from api.schemas.profiles import AvatarRequest, BioRequest, DisplayNameRequest
from api.schemas.registration import RegisterRequest, ResendRequest, VerifyEmailRequest
from api.schemas.roles import RoleRequest
from api.schemas.sessions import (
    AccessTokenRequest,
    DeviceBody,
    LoginRequest,
    RevokeAllRequest,
    RevokeSessionRequest,
    SessionTokenRequest,
)
from api.schemas.sign_in import DeviceCodeRequest, DeviceResendRequest, SecondFactorRequest
from api.schemas.sso import CreateSsoTokenRequest, ValidateSsoTokenRequest
from api.schemas.step_up import SecondFactorBody, StepUpBody
from api.schemas.two_factor import EnableTwoFactorRequest
from api.schemas.wallets import (
    WalletAddressRequest,
    WalletChallengeRequest,
    WalletProofRequest,
    WalletSignInRequest,
)
from domain.username import is_username

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
    DisplayNameRequest: {"display_name": "Alice"},
    BioRequest: {"bio": "Likes cake."},
    AvatarRequest: {"avatar_ipfs_hash": "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n"},
    RoleRequest: {"user_id": "0123456789abcdef01234567", "role": "moderator"},
}
SHARED = {SecondFactorBody, DeviceBody}
"""Fields that others are made of; no route takes it alone."""
FIELDS = [(body, name) for body, fields in BODIES.items() for name in fields]
TOKENS = ("session_token", "access_token", "sso_token")
PLAIN_FIELDS = [(body, name) for body, name in FIELDS if name not in (*TOKENS, "bio")]
"""A token is compared whole: garbage in it is a token that is not ours, not a wrong body. A bio has lines."""
OPTIONAL = ("fingerprint_hashed", *PROOFS)

CONTROLS = ["\x00", "\n", "\r", "\t", "\x1b", "\x7f", "\x80", "\x9f"]
CONTROLLED_FIELDS = [
    (body, name, control) for body, name in PLAIN_FIELDS for control in CONTROLS if (name, control) != ("message", "\n")
]
"""A message that a wallet signs has lines."""


def refused_fields(body: type[Body], fields: dict[str, Any]) -> list[str]:
    """Names of the fields that are refused, in order."""
    try:
        body.model_validate(fields)
    except ValidationError as error:
        return [str(item["loc"][0]) for item in error.errors()]
    return []


def is_taken(kind: Any, value: object) -> bool:
    """Whether a field of this type takes the value as it stands in JSON."""
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def address_of(typed: str) -> str:
    return TypeAdapter[str](EmailAddress).validate_python(typed)


def bodies(base: type[Body]) -> set[type[Body]]:
    """Every body there is, those made from others too."""
    return {body for child in base.__subclasses__() for body in (child, *bodies(child))}


def test_every_body_is_in_the_table() -> None:
    assert set(BODIES) == bodies(Body) - SHARED


@pytest.mark.parametrize("body", BODIES)
def test_good_body_is_taken(body: type[Body]) -> None:
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
def test_null_is_no_text(body: type[Body], name: str) -> None:
    assert refused_fields(body, {**BODIES[body], name: None}) == [name]


@pytest.mark.parametrize(("body", "name", "control"), CONTROLLED_FIELDS, ids=lambda each: ascii(each))
def test_control_character_is_refused(body: type[Body], name: str, control: str) -> None:
    value = BODIES[body][name]

    assert refused_fields(body, {**BODIES[body], name: value[:2] + control + value[3:]}) == [name]


@pytest.mark.parametrize(("body", "name"), FIELDS)
def test_half_a_character_is_refused(body: type[Body], name: str) -> None:
    value = BODIES[body][name]

    assert refused_fields(body, {**BODIES[body], name: value[:2] + "\ud800" + value[3:]}) == [name]


@pytest.mark.parametrize(
    ("body", "name", "shortest", "longest"),
    [
        (VerifyEmailRequest, "code", 6, 6),
        (VerifyEmailRequest, "fingerprint_hashed", 32, 128),
        (LoginRequest, "fingerprint_hashed", 32, 128),
        (LoginRequest, "browser", 1, 255),
        (LoginRequest, "device", 1, 255),
        (LoginRequest, "app", 1, 255),
        (LoginRequest, "email_or_username", 1, 254),
        (LoginRequest, "password", 1, 1024),
        (ResendRequest, "flow_id", 1, 64),
        (RegisterRequest, "username", 3, 30),
        (RegisterRequest, "password", 1, 1024),
        (SessionTokenRequest, "session_token", 1, 4096),
        (WalletProofRequest, "message", 1, 2048),
        (DisplayNameRequest, "display_name", 1, 50),
    ],
)
def test_length_is_bounded(body: type[Body], name: str, shortest: int, longest: int) -> None:
    lengths = [shortest - 1, shortest, longest, longest + 1]
    refusals = [bool(refused_fields(body, {**BODIES[body], name: "x" * length})) for length in lengths]

    assert refusals == [True, False, False, True]


@pytest.mark.parametrize("body", [body for body in BODIES if BODIES[body]])
def test_refusal_does_not_repeat_what_was_typed(body: type[Body]) -> None:
    with pytest.raises(ValidationError) as refused:
        body.model_validate(dict.fromkeys(BODIES[body], "hunter2\x00" * 600))

    assert "hunter2" not in str(refused.value)


def test_device_may_stay_away() -> None:
    request = VerifyEmailRequest.model_validate({"flow_id": VERIFY["flow_id"], "code": "ABC234"})

    assert request.fingerprint_hashed is None
    assert (request.browser, request.device, request.app) == ("unknown", "unknown", "decode")


@given(st.text(max_size=32))
def test_username_is_what_the_rule_says(text: str) -> None:
    assert is_taken(Username, text) == is_username(text)


@pytest.mark.parametrize("name", ["alice\n", "\u0430lice", "al ice", "al-ice", "\u0661\u0661\u0661", "ab", "a" * 31])
def test_look_alike_of_a_username_is_refused(name: str) -> None:
    assert not is_taken(Username, name)


@pytest.mark.parametrize("code", ["ABC234", "abc234", "O0I1L-", "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"])
def test_six_symbols_are_a_code_to_be_judged(code: str) -> None:
    assert is_taken(Code, code)


@pytest.mark.parametrize("code", ["", "ABC23", "ABC2345", "ABC\n34", 234567])
def test_anything_but_six_symbols_is_no_code(code: object) -> None:
    assert not is_taken(Code, code)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("alice@example.com", "alice@example.com"),
        ("Alice+news@EXAMPLE.com", "Alice+news@example.com"),
        ("al.ice@example.com", "al.ice@example.com"),
        ("alice@decode.test", "alice@decode.test"),
        ("ali\u0301ce@example.com", "al\u00edce@example.com"),
        ("alice@b\u00fccher.example", "alice@xn--bcher-kva.example"),
        ("alice@B\u00dcCHER.example", "alice@xn--bcher-kva.example"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ],
)
def test_address_is_kept_in_its_own_form(typed: str, kept: str) -> None:
    assert address_of(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "alice",
        "@example.com",
        "alice@",
        "alice@@example.com",
        "alice@localhost",
        "alice@example..com",
        ".alice@example.com",
        "alice.@example.com",
        "al..ice@example.com",
        "alice@-example.com",
        "alice@[127.0.0.1]",
        "alice@127.0.0.1",
        '"al ice"@example.com',
        "Alice <alice@example.com>",
        "alice@example.com,bob@example.com",
        "alice@example.com\nBcc: bob@example.com",
        "alice@example.com\r",
        " alice@example.com",
        "alice@example.com ",
        "al ice@example.com",
        "alice@exam\u200dple.com",
        "alice\u202e@example.com",
        "alice@" + "x" * 64 + ".com",
        "alice@" + "x." * 124 + "com",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    assert not is_taken(EmailAddress, typed)


@given(st.emails().filter(lambda typed: is_taken(EmailAddress, typed)))
def test_kept_address_is_its_own_form(typed: str) -> None:
    assert address_of(address_of(typed)) == address_of(typed)


@given(st.text(max_size=60).filter(lambda text: "@" not in text))
def test_text_without_an_at_is_no_address(text: str) -> None:
    assert not is_taken(EmailAddress, text)


@pytest.mark.parametrize("control", set(CONTROLS) - {"\n"}, ids=ascii)
def test_bio_has_lines_and_no_other_control_characters(control: str) -> None:
    assert refused_fields(BioRequest, {"bio": f"one{control}two"}) == ["bio"]
    assert refused_fields(BioRequest, {"bio": "one\ntwo"}) == []


@pytest.mark.parametrize("letter", ["a", "\u0436", "\u5c71", "\U0001f600", "\u202e"])
def test_length_of_a_bio_is_counted_in_code_points(letter: str) -> None:
    assert refused_fields(BioRequest, {"bio": letter * 500}) == []
    assert refused_fields(BioRequest, {"bio": letter * 501}) == ["bio"]


@pytest.mark.parametrize("name", [" ", "  Alice ", "\u0939\u093f\u0928\u094d\u0926\u0940", "\U0001f600" * 50])
def test_display_name_is_kept_as_typed_in_any_script(name: str) -> None:
    assert DisplayNameRequest.model_validate({"display_name": name}).display_name == name


@pytest.mark.parametrize(
    "cid",
    [
        "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n",
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        "BAFYBEIGDYRZT5SFP7UDM7HU76UH7Y26NF3EFUYLQABF3OCLGTQY55FBZDI",
        "zdj7WWeQ43G6JJvLWQWZpyHuAMq6uYWRjkBXFad11vE2LHhQ7",
        "f01701220c3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de94391a",
    ],
)
def test_cid_of_version_0_and_1_is_taken(cid: str) -> None:
    assert is_taken(Cid, cid)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Qm",
        "hello",
        "b",
        "f01",
        "f015500",
        "ipfs://QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n",
        " QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n",
        "zQmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n",
        "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1",
        "Qm0fTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1n",
        "QmdfTbBqBPQ7VNxZEYEj14VmRuZBkqFbiwReogJgS1zR1\u0439",
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdia",
        "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdj",
        "f02701220c3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de94391a",
        "\U0001f680abc",
        "f" * 256,
    ],
)
def test_what_is_no_cid_is_refused(text: str) -> None:
    assert not is_taken(Cid, text)


@given(st.text(max_size=300))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    assert is_taken(Cid, text) in {True, False}


@pytest.mark.parametrize("role", ["owner", "ADMIN", "", "admin ", "root"])
def test_unknown_role_is_refused(role: str) -> None:
    assert refused_fields(RoleRequest, {"user_id": "0" * 24, "role": role}) == ["role"]
