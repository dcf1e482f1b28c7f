"""One-time passwords by RFC 6238, and how recovery codes are stored."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from adapters.crypto.totp import Totp
from tests.adapters.crypto.rings import OLD, ROTATED_AWAY

TOTP = Totp(OLD)
SECRET = b"12345678901234567890"
"""The secret of RFC 6238, appendix B."""
QUIET_ZONE = 4
"""In modules: ISO/IEC 18004, section 6.3.8."""
USER_ID = "0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("second", "otp"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_passwords_are_those_of_the_rfc(second: int, otp: str) -> None:
    assert TOTP.find_time_step(otp, SECRET, datetime.fromtimestamp(second, UTC)) == second // 30


@pytest.mark.parametrize(
    ("drift", "is_right"), [(-60, False), (-59, True), (-29, True), (0, True), (30, True), (31, False)]
)
def test_clock_may_be_off_by_one_step(drift: int, is_right: bool) -> None:
    end_of_step = datetime.fromtimestamp(1111111109, UTC)

    step = TOTP.find_time_step("081804", SECRET, end_of_step + timedelta(seconds=drift))

    assert step == (1111111109 // 30 if is_right else None)


@pytest.mark.defect(73)
def test_secret_is_shown_in_uri_and_picture() -> None:
    uri = TOTP.provisioning_uri(SECRET, "alice")

    assert uri == "otpauth://totp/Decode:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Decode"
    assert TOTP.qr_svg(uri).startswith("<svg")


def test_picture_is_light_to_its_edge_and_scales() -> None:
    svg = TOTP.qr_svg(TOTP.provisioning_uri(SECRET, "alice"))
    picture = ElementTree.fromstring(svg)  # noqa: S314 - our own
    (title, ground, symbol) = list(picture)
    side = picture.attrib["viewBox"].split()[2]

    assert not {"width", "height"} & picture.attrib.keys()
    assert picture.attrib["viewBox"] == f"0 0 {side} {side}"
    assert (ground.attrib["fill"], ground.attrib["d"]) == ("#fff", f"M0 0h{side}v{side}h-{side}z")
    assert symbol.attrib["d"].startswith(f"M{QUIET_ZONE} {QUIET_ZONE}.5")
    assert title.text


def test_secrets_and_recovery_codes_are_never_the_same() -> None:
    assert TOTP.new_secret() != TOTP.new_secret()
    assert len(set(TOTP.new_recovery_codes()) | set(TOTP.new_recovery_codes())) == 20


def test_recovery_hash_is_bound_to_its_user_and_outlives_a_rotation() -> None:
    stored = TOTP.hash_recovery_code(USER_ID, "AAAA-BBBB-CCCC-DDDD")

    assert Totp(ROTATED_AWAY).hash_recovery_code(USER_ID, "aaaa bbbb cccc dddd") == stored
    assert TOTP.hash_recovery_code("f" * 24, "AAAA-BBBB-CCCC-DDDD") != stored
