"""Building blocks of the schemas of tools. No schema takes an argument that it does not name, so none takes an id."""

from collections.abc import Mapping

from domain.assistant.tools.registry import Arguments
from domain.typed_text import remove_unpaired_bidi
from domain.username import USERNAME_PATTERN

Schema = Mapping[str, object]

MAX_ROWS = 20
DEFAULT_ROWS = 10
MAX_CURSOR_LENGTH = 64

USERNAME: Schema = {
    "type": "string",
    "pattern": USERNAME_PATTERN,
    "description": "A username, without @. Letter case does not matter.",
}
LIMIT: Schema = {
    "type": "integer",
    "minimum": 1,
    "maximum": MAX_ROWS,
    "default": DEFAULT_ROWS,
    "description": "How many rows to return.",
}
CURSOR: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_CURSOR_LENGTH,
    "description": "The next_cursor of the page before, for the page after it.",
}


def arguments_schema(properties: Mapping[str, Schema] | None = None, *, required: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object with these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def quoted(arguments: Arguments, name: str) -> str:
    """Return a text argument for a summary: in quotation marks, which no text can end or turn round."""
    return '"' + remove_unpaired_bidi(str(arguments.get(name, ""))).replace('"', "'") + '"'
