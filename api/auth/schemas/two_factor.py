"""The second factor as its owner sees it."""

from api.schemas.envelope import Body, View
from api.schemas.fields import Otp, Timestamp


class EnableTwoFactorRequest(Body):
    otp: Otp


class TwoFactorStatus(View):
    enabled: bool
    enabled_at: Timestamp | None
    recovery_codes_left: int


class TwoFactorSetup(View):
    """`qr_svg` draws `otpauth_uri` for an authenticator; `otp_secret` is for typing."""

    otp_secret: str
    otpauth_uri: str
    qr_svg: str


class RecoveryCodes(View):
    """Shown once."""

    recovery_codes: list[str]
