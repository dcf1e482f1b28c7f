"""Validation of field types in any body: usernames, codes, addresses, texts, CIDs, roles."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.schemas.fields import Cid, Code, EmailAddress, Username
from api.users.schemas.own_profile import BioRequest, DisplayNameRequest
from api.users.schemas.roles import RoleRequest
from domain.username import USERNAME_PATTERN
from tests.api.contract_shapes import CONTROLS, is_taken, read, refused_fields


def address_of(typed: str) -> str:
    return read(EmailAddress, typed)


@given(st.text(max_size=32))
def test_username_matches_its_pattern(text: str) -> None:
    assert is_taken(Username, text) == (re.fullmatch(USERNAME_PATTERN, text) is not None)


@pytest.mark.parametrize("name", ["alice\n", "\u0430lice", "al ice", "al-ice", "\u0661\u0661\u0661", "ab", "a" * 31])
def test_malformed_username_is_refused(name: str) -> None:
    assert not is_taken(Username, name)


@pytest.mark.parametrize("code", ["ABC234", "abc234", "O0I1L+", "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9"])
def test_six_characters_are_accepted_as_a_code(code: str) -> None:
    assert is_taken(Code, code)


@pytest.mark.parametrize("code", ["", "ABC23", "ABC2345", "ABC\n34", 234567])
def test_other_than_six_characters_is_refused_as_a_code(code: object) -> None:
    assert not is_taken(Code, code)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("alice@example.com", "alice@example.com"),
        ("Alice+news@EXAMPLE.com", "Alice+news@example.com"),
        ("al.ice@example.com", "al.ice@example.com"),
        (" alice@example.com\u00a0", "alice@example.com"),
        ("alice@decode.test", "alice@decode.test"),
        ("ali\u0301ce@example.com", "al\u00edce@example.com"),
        ("alice@b\u00fccher.example", "alice@xn--bcher-kva.example"),
        ("alice@B\u00dcCHER.example", "alice@xn--bcher-kva.example"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ],
)
def test_address_is_normalized(typed: str, kept: str) -> None:
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
        "al ice@example.com",
        "alice@exam\u200dple.com",
        "alice\u202e@example.com",
        "alice@" + "x" * 64 + ".com",
        "alice@" + "x." * 124 + "com",
    ],
)
def test_malformed_address_is_refused(typed: str) -> None:
    assert not is_taken(EmailAddress, typed)


@given(st.emails().filter(lambda typed: is_taken(EmailAddress, typed)))
def test_normalization_of_an_address_is_idempotent(typed: str) -> None:
    assert address_of(address_of(typed)) == address_of(typed)


@given(st.text(max_size=60).filter(lambda text: "@" not in text))
def test_text_without_an_at_sign_is_refused_as_an_address(text: str) -> None:
    assert not is_taken(EmailAddress, text)


@pytest.mark.parametrize("control", [control for control in CONTROLS if control not in "\r\n"], ids=ascii)
def test_bio_accepts_newlines_and_no_other_control_characters(control: str) -> None:
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
def test_cid_of_version_0_and_1_is_accepted(cid: str) -> None:
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
def test_malformed_cid_is_refused(text: str) -> None:
    assert not is_taken(Cid, text)


@given(st.text(max_size=300))
def test_any_text_is_checked_as_a_cid_without_an_error(text: str) -> None:
    assert is_taken(Cid, text) in {True, False}


@pytest.mark.parametrize("role", ["owner", "ADMIN", "", "admin ", "root"])
def test_unknown_role_is_refused(role: str) -> None:
    assert refused_fields(RoleRequest, {"user_id": "0" * 24, "role": role}) == ["role"]
