"""Session tokens: `key id . session id . generation . mac`. Only the generation is stored."""

import base64
import hmac
import re

from adapters.crypto.keys import KeyLabel, KeyRing, UnknownKey
from domain.auth.errors import SessionInvalid
from domain.auth.sessions import ParsedSessionToken

_TOKEN = re.compile(r"([A-Za-z0-9]{1,32})\.([0-9a-f]{24})\.([0-9]{1,9})\.([A-Za-z0-9_-]{43})")


class SessionTokens:
    """Derives and parses session tokens; the mac is HMAC-SHA256 over session id and generation."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def mint(self, session_id: str, generation: int) -> str:
        """Return the token of this generation; it is the same each time while the key is current."""
        return self._token(self._ring.current_id, session_id, generation)

    def parse(self, token: str) -> ParsedSessionToken:
        """Return session id and generation of a token with a valid mac. Raises SessionInvalid."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise SessionInvalid
        key_id, session_id, generation, _ = match.groups()
        try:
            expected = self._token(key_id, session_id, int(generation))
        except UnknownKey:
            raise SessionInvalid from None
        if not hmac.compare_digest(expected, token):
            raise SessionInvalid
        return ParsedSessionToken(session_id, int(generation))

    def _token(self, key_id: str, session_id: str, generation: int) -> str:
        mac = self._ring.mac(KeyLabel.SESSIONS, key_id, f"{session_id}|{generation}")
        text = base64.urlsafe_b64encode(mac).decode().rstrip("=")
        return f"{key_id}.{session_id}.{generation}.{text}"
