"""What each route asks of its caller, as the contract states it, and a body that it accepts.

`python -m tests.api.access_levels` records it in a file, so that a change of it is seen.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.openapi import contract
from tests.support.envelope import Json
from tests.support.people import PASSWORD

GOLDEN = Path(__file__).with_name("permits.golden.txt")
UNKNOWN_ID = "0" * 24
TOKEN: dict[str, Any] = {"HTTPBearer": []}
NO_TOKEN: dict[str, Any] = {}


@dataclass(frozen=True)
class Level:
    """What an operation asks for. `permissions`: none where it is public, or has another proof, such as a flow id.

    `is_optional`: a caller without credentials is let in as well.
    """

    permissions: tuple[str, ...]
    needs: tuple[str, ...]
    by_key: bool
    is_optional: bool
    is_for_operators: bool

    def __str__(self) -> str:
        permissions = " ".join(self.permissions) or ("operator" if self.is_for_operators else "-")
        marks = [*self.needs, *["key"] * self.by_key, *["or no token"] * (self.is_optional and bool(self.permissions))]
        return f"{permissions:<34} {', '.join(marks)}".rstrip()


OF_OTHERS = {
    "GET /relationship/snapshot/growth/{user_id}": ("snapshots:read",),
    "GET /relationship/snapshot/growth/{user_id}.svg": ("snapshots:read",),
    "GET /users/{user_id}/access": ("roles:read",),
}
"""What a route asks for besides, of a caller who is not the user in its path."""


def level_of(route: str, operation: Mapping[str, Any]) -> Level:
    """Return what an operation of the contract asks for."""
    permission, security = operation["x-permission"], operation["security"]
    return Level(
        (permission, *OF_OTHERS.get(route, ())) if permission else (),
        tuple(operation["x-needs"]),
        operation["x-api-key"],
        is_optional=NO_TOKEN in security,
        is_for_operators=permission is None and security == [TOKEN],
    )


LEVELS: Mapping[str, Level] = {
    (route := f"{method.upper()} {path}"): level_of(route, operation)
    for path, item in json.loads(contract())["paths"].items()
    for method, operation in item.items()
}

BODIES: Mapping[str, Json] = {
    "POST /auth/step-up": {"current_password": PASSWORD},
    "POST /auth/session/revoke": {"session_id": UNKNOWN_ID},
    "POST /auth/fingerprints/revoke": {"device_fingerprint_id": UNKNOWN_ID},
    "POST /api-keys": {"name": "report", "scopes": ["audit:read"]},
    "POST /users/username/change/initiate": {"new_username": "admin"},
}
"""Routes where `{}` would be refused before the access rule is checked."""

PLACES = {
    "{flow_id}": "r" + "A" * 32,
    "{user_id}": UNKNOWN_ID,
    "{user_id_to}": UNKNOWN_ID,
    "{notification_id}": UNKNOWN_ID,
    "{seq}": "1",
    "{key_id}": UNKNOWN_ID,
    "{address}": "0x" + "ab" * 20,
    "{role_id}": UNKNOWN_ID,
    "{grant_id}": UNKNOWN_ID,
    "{chat_id}": UNKNOWN_ID,
    "{call_id}": "call-0001",
    "{turn_id}": UNKNOWN_ID,
    "{name}": "orders:refund",
}
"""Values of path parameters."""


def listing() -> str:
    """Return the lines of the file."""
    return "".join(f"{route:<57} {level}\n" for route, level in sorted(LEVELS.items()))


if __name__ == "__main__":
    GOLDEN.write_text(listing(), encoding="utf-8")
