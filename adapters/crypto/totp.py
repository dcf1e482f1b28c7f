"""One-time passwords (RFC 6238, SHA-1, 6 digits, 30 s) and recovery codes."""

import base64
import hmac
import io
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
import segno

from adapters.crypto.keys import KeyRing, Label
from domain.auth.two_factor import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    canonical_recovery_code,
    steps_around,
    written_recovery_code,
)

ISSUER = "Decode"


class Totp:
    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def new_secret(self) -> bytes:
        """160 bits, as RFC 4226 §4 recommends for SHA-1."""
        return secrets.token_bytes(SECRET_BYTES)

    def written(self, secret: bytes) -> str:
        """The secret as people type it into an authenticator: base32."""
        return base64.b32encode(secret).decode()

    def uri(self, secret: bytes, account: str) -> str:
        """`otpauth://…` for an authenticator."""
        uri: str = pyotp.TOTP(self.written(secret)).provisioning_uri(name=account, issuer_name=ISSUER)
        return uri

    def picture(self, uri: str) -> str:
        """The URI as a QR code, SVG."""
        buffer = io.BytesIO()
        segno.make(uri, error="m").save(buffer, kind="svg", scale=4, xmldecl=False)
        return buffer.getvalue().decode()

    def matching_step(self, otp: str, secret: bytes, now: datetime) -> int | None:
        """The time step whose password this is, one step of clock drift allowed; None when it is wrong."""
        generator = pyotp.TOTP(self.written(secret))
        found = [
            step
            for step in steps_around(now)
            if hmac.compare_digest(generator.generate_otp(step).encode(), otp.encode())
        ]
        return found[0] if found else None

    def new_recovery_codes(self) -> Sequence[str]:
        """Ten codes of 80 bits, shown once."""
        return [written_recovery_code(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]

    def recovery_hash(self, user_id: str, typed: str) -> str:
        """How a recovery code is stored."""
        message = f"recovery|{user_id}|{canonical_recovery_code(typed)}"
        return base64.urlsafe_b64encode(self._ring.lookup_mac(Label.RECOVERY, message)).decode().rstrip("=")
