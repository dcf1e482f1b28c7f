"""Environments to start in: one good for production, and a reader of `.env.example`."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / ".env.example"
KEY = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
SHORT_KEY = base64.urlsafe_b64encode(bytes(range(31))).decode().rstrip("=")

PRODUCTION = {
    "DECODE_ENVIRONMENT": "production",
    "DECODE_MONGODB_URL": "mongodb://decode:store-password@mongo.example/?replicaSet=rs",
    "DECODE_NEO4J_URL": "bolt://neo4j.example",
    "DECODE_NEO4J_PASSWORD": "graph-password",
    "DECODE_REDIS_URL": "redis://:cache-password@redis.example:6379/0",
    "DECODE_SMTP_URL": "smtp://decode:mail-password@smtp.example:587",
    "DECODE_MAIL_FROM": "Decode <no-reply@mail.test>",
    "DECODE_ROOT_KEYS": f"k2:{KEY},k1:{KEY}",
    "DECODE_LOOKUP_SECRET": KEY,
    "DECODE_SIGNING_KEYS": f"s1:{KEY}",
    "DECODE_WALLET_URI": "https://decode.example",
}
DEVELOPMENT = PRODUCTION | {"DECODE_ENVIRONMENT": "development"}

_LINE = re.compile(r"(?P<off>#?)(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")


@dataclass(frozen=True)
class Line:
    """One setting in `.env.example`; `meaning` is the comment above it."""

    name: str
    value: str
    is_off: bool
    meaning: str


def example_lines() -> list[Line]:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    found = [(_LINE.fullmatch(line), above) for above, line in zip(["", *lines], lines, strict=False)]
    return [
        Line(match["name"], match["value"], is_off=bool(match["off"]), meaning=above) for match, above in found if match
    ]
