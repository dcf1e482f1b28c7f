"""Time-based one-time passwords (RFC 6238: SHA-1, 6 digits, 30 s) and recovery codes."""

import base64
import hmac
import io
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
import segno

from adapters.crypto.keys import KeyLabel, KeyRing
from domain.auth.two_factor import (
    RECOVERY_CODE_BYTES,
    RECOVERY_CODE_COUNT,
    SECRET_BYTES,
    accepted_time_steps,
    format_recovery_code,
    normalize_recovery_code,
)

ISSUER = "Decode"


class Totp:
    """Makes secrets and recovery codes, and verifies one-time passwords. It stores nothing."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def new_secret(self) -> bytes:
        """Return 160 random bits, the length that RFC 4226 §4 recommends for SHA-1."""
        return secrets.token_bytes(SECRET_BYTES)

    def format_secret(self, secret: bytes) -> str:
        """Return the secret in base32, as a user types it into an authenticator."""
        return base64.b32encode(secret).decode()

    def provisioning_uri(self, secret: bytes, account: str) -> str:
        """Return the `otpauth://…` URI for an authenticator; `account` is its label."""
        uri: str = pyotp.TOTP(self.format_secret(secret)).provisioning_uri(name=account, issuer_name=ISSUER)
        return uri

    def qr_svg(self, uri: str) -> str:
        """Return the URI as a QR code: an SVG document that a page can scale. Its ground is white, and so is the quiet
        zone around the symbol, without which no camera finds it on a dark page (ISO/IEC 18004).
        """
        buffer = io.BytesIO()
        segno.make(uri, error="m").save(
            buffer, kind="svg", light="#fff", omitsize=True, xmldecl=False, title="QR code for an authenticator"
        )
        return buffer.getvalue().decode()

    def find_time_step(self, otp: str, secret: bytes, now: datetime) -> int | None:
        """Return the time step at which `otp` is valid; None when it is wrong.

        One step of clock drift either way is allowed (RFC 6238 §5.2).
        """
        generator = pyotp.TOTP(self.format_secret(secret))
        matching = [
            step
            for step in accepted_time_steps(now)
            if hmac.compare_digest(generator.generate_otp(step).encode(), otp.encode())
        ]
        return matching[0] if matching else None

    def new_recovery_codes(self) -> Sequence[str]:
        """Return ten codes of 80 bits each, to be shown once."""
        return [format_recovery_code(secrets.token_bytes(RECOVERY_CODE_BYTES)) for _ in range(RECOVERY_CODE_COUNT)]

    def hash_recovery_code(self, user_id: str, typed: str) -> str:
        """Return the stored form of a recovery code: a keyed hash, bound to the user."""
        message = f"recovery|{user_id}|{normalize_recovery_code(typed)}"
        return base64.urlsafe_b64encode(self._ring.lookup_mac(KeyLabel.RECOVERY, message)).decode().rstrip("=")
