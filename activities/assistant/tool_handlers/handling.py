"""What all handlers of tools share: what they are given, what they return, and how they read common arguments."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.assistant.tools.definitions.schemas import DEFAULT_ROWS
from domain.assistant.tools.registry import Arguments
from domain.users.users import User


@dataclass(frozen=True)
class ToolUse:
    """A call whose arguments fit the schema. `user`: who calls, as the account is now. `now`: aware, UTC."""

    user: User
    arguments: Arguments
    now: datetime

    @property
    def user_id(self) -> str:
        """The id of who calls. No argument names another."""
        return self.user.user_id

    @property
    def limit(self) -> int:
        """How many rows are asked for."""
        return self.find_number("limit") or DEFAULT_ROWS

    @property
    def cursor(self) -> str | None:
        """Where the page begins."""
        return self.find_text("cursor")

    def text(self, name: str) -> str:
        """Return a text that the schema requires. Raises KeyError."""
        return str(self.arguments[name])

    def find_number(self, name: str) -> int | None:
        """Return an integer, None if it was left out. JSON Schema takes 5.0 for one too."""
        number = self.arguments.get(name)
        return int(number) if isinstance(number, int | float) else None

    def find_text(self, name: str) -> str | None:
        """Return a text, None if it was left out."""
        return self.text(name) if name in self.arguments else None


Handler = Callable[[ToolUse], Awaitable[Mapping[str, Any]]]
"""Does what one tool does and returns its data. Raises a DecodeError where the tool's route would answer with it, and
the driver's errors.
"""
