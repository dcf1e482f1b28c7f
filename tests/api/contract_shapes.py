"""The exact fields of profiles and sessions in responses, and what a field or a body takes or refuses."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from api.schemas.envelope import Body

PROFILE = {
    "_id",
    "username",
    "display_name",
    "bio",
    "avatar_ipfs_hash",
    "role",
    "is_active",
    "last_login",
    "createdAt",
    "updatedAt",
}
SESSION = {
    "_id",
    "user_id",
    "device_fingerprint_id",
    "app",
    "is_active",
    "expires_at",
    "last_used_at",
    "createdAt",
    "updatedAt",
    "session_token",
    "access_token",
    "expires_in",
}

CONTROLS = ["\x00", "\n", "\r", "\t", "\x1b", "\x7f", "\x80", "\x9f"]
"""Control characters of each kind: C0, DEL, C1."""


def refused_fields(body: type[Body], fields: dict[str, Any]) -> list[str]:
    """Return the names of the refused fields, in order."""
    try:
        body.model_validate(fields)
    except ValidationError as error:
        return [str(item["loc"][0]) for item in error.errors()]
    return []


def is_taken(kind: Any, value: object) -> bool:
    """Whether a field of this type accepts the JSON value, without coercion."""
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def read(kind: Any, typed: str) -> str:
    """What a field of this type makes of the text."""
    return TypeAdapter[str](kind).validate_python(typed)
