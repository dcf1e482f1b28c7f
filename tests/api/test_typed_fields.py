"""What is forgiven in typed texts, and the one form in which they are kept."""

from typing import Any

import pytest

from api.auth.schemas.sessions import DeviceBody
from api.schemas.fields import (
    Code,
    EmailAddress,
    Fingerprint,
    Identifier,
    ObjectId,
    Otp,
    RecoveryCode,
    Text,
    Username,
    WalletAddress,
)
from api.users.schemas.own_profile import BioRequest, DisplayNameRequest
from tests.api.contract_shapes import is_taken, read, refused_fields

SPACES = [" ", "\u00a0", "\u2009", "\u202f", "\u3000"]
DASHES = ["-", "\u2010", "\u2013", "\u2014", "\u2212", "\uff0d"]
WALLET = "0x52908400098527886E0F7030069857D2E4169EE7"


@pytest.mark.parametrize("space", SPACES, ids=ascii)
@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Username, "alice"),
        (Identifier, "alice"),
        (Identifier, "alice@example.com"),
        (EmailAddress, "alice@example.com"),
        (ObjectId, "0123456789abcdef01234567"),
        (WalletAddress, WALLET),
    ],
)
def test_space_around_an_identifier_is_dropped(kind: Any, value: str, space: str) -> None:
    assert read(kind, f"{space}{value}{space}") == value


@pytest.mark.parametrize("kind", [Username, Identifier, EmailAddress])
def test_identifier_of_spaces_is_refused(kind: Any) -> None:
    assert not is_taken(kind, "   ")


def test_length_of_an_identifier_is_judged_without_the_space_around_it() -> None:
    assert read(Username, f"  {'a' * 30}  ") == "a" * 30


@pytest.mark.parametrize("separator", [*SPACES, *DASHES, "\t", "\n"], ids=ascii)
def test_spaces_and_dashes_in_codes_are_forgiven(separator: str) -> None:
    assert read(Code, f"{separator}ABC{separator}234{separator}") == "ABC234"
    assert read(Otp, f"123{separator}456{separator}") == "123456"
    assert read(RecoveryCode, separator.join(["AAAA", "BBBB", "CCCC", "DDDD"])) == "AAAABBBBCCCCDDDD"


@pytest.mark.parametrize(
    ("kind", "code"), [(Code, "ABC-23"), (Otp, "123 45"), (Otp, "1234567"), (RecoveryCode, "AAAA-BBBB-CCCC-DDD")]
)
def test_symbols_of_a_code_are_counted_without_spaces_and_dashes(kind: Any, code: str) -> None:
    assert not is_taken(kind, code)


def test_full_width_digits_are_digits() -> None:
    assert read(Otp, "\uff11\uff12\uff13\uff14\uff15\uff16") == "123456"


def test_id_in_upper_case_is_read_as_lower_case() -> None:
    assert read(ObjectId, "0123456789ABCDEF01234567") == "0123456789abcdef01234567"


@pytest.mark.parametrize(
    "typed",
    ["f" * 31, "\u0444" * 32, f" {'f' * 32}", f"{'f' * 32} ", "f" * 32 + "\u00a0", "f" * 129, "f" * 31 + "\x7f"],
)
def test_fingerprint_other_than_printable_ascii_is_refused(typed: str) -> None:
    assert not is_taken(Fingerprint, typed)


@pytest.mark.parametrize("typed", ["f" * 32, "~!" * 64, "{'a': 'b c'}" * 3])
def test_printable_ascii_is_accepted_as_a_fingerprint(typed: str) -> None:
    assert read(Fingerprint, typed) == typed


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Rene\u0301e", "Ren\u00e9e"), ("\u1112\u1161\u11ab", "\ud55c"), ("e\u0301" * 50, "\u00e9" * 50)],
)
def test_display_name_is_kept_and_measured_in_nfc(typed: str, kept: str) -> None:
    assert DisplayNameRequest.model_validate({"display_name": typed}).display_name == kept


def test_text_and_bio_are_kept_in_nfc() -> None:
    assert read(Text, "cafe\u0301") == "caf\u00e9"
    assert BioRequest.model_validate({"bio": "e\u0301" * 500}).bio == "\u00e9" * 500


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=ascii)
def test_every_end_of_a_line_in_a_bio_is_one_character(newline: str) -> None:
    assert BioRequest.model_validate({"bio": newline.join("ab" * 125)}).bio == "\n".join("ab" * 125)


@pytest.mark.parametrize(
    "name", ["\u202eevil", "a\u2067b", "a\u202c", "\u2066a\u202c", "\u2066\u202ea\u2069\u202c"], ids=ascii
)
def test_display_name_with_an_unpaired_direction_is_refused(name: str) -> None:
    assert refused_fields(DisplayNameRequest, {"display_name": name}) == ["display_name"]


@pytest.mark.parametrize(
    "name", ["\u2068Al\u2069ice", "\u202bA\u202c", "\u2066\u202ba\u202c\u2069", "A\u200f"], ids=ascii
)
def test_display_name_with_paired_directions_is_accepted(name: str) -> None:
    assert DisplayNameRequest.model_validate({"display_name": name}).display_name == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Fire\u202efox", "Firefox"),
        ("\u2068Laptop\u2069\u202c", "\u2068Laptop\u2069"),
        ("x" * 300, "x" * 255),
        ("\u2068" + "x" * 300 + "\u2069", "x" * 254),
        ("e\u0301" * 255, "\u00e9" * 255),
    ],
    ids=ascii,
)
@pytest.mark.parametrize("field", ["browser", "device"])
def test_label_is_cut_and_freed_of_unpaired_directions(field: str, typed: str, kept: str) -> None:
    device = {"fingerprint_hashed": "f" * 64, "browser": "Firefox", "device": "Laptop", field: typed}

    assert getattr(DeviceBody.model_validate(device), field) == kept


@pytest.mark.parametrize("field", ["browser", "device"])
def test_label_of_nothing_is_refused(field: str) -> None:
    device = {"fingerprint_hashed": "f" * 64, "browser": "Firefox", "device": "Laptop", field: "\u202e"}

    assert refused_fields(DeviceBody, device) == [field]
