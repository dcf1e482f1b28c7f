"""Tools: what an assistant, or a user's own client, can have done for a user; their definitions and limits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.users.permissions import Permission

MAX_ARGUMENT_BYTES = 16 * 1024
MAX_ARGUMENT_DEPTH = 32
MAX_RESULT_BYTES = 16 * 1024
MAX_RUNNING = 5
"""Calls that run at once for one user."""
MAX_CALLS_PER_TURN = 20
MAX_NAME_LENGTH = 64
"""Of what a model may utter as a name. Our own are shorter."""
ATTEMPTS = 3
"""Of a tool that may run twice. Any other runs once."""

Arguments = Mapping[str, object]
Summary = Callable[[Arguments], str]
"""Returns our own sentence for a call, in which arguments are quoted."""


# What a tool does with the stores. No docstring: Pydantic shows it in docs/openapi.json.
class ToolCategory(StrEnum):
    READ = "read"
    CHANGE = "change"
    UTILITY = "utility"


@dataclass(frozen=True)
class ToolDefinition:
    """A tool. `parameters`: JSON Schema 2020-12 of its arguments. `scope`: the permission that the user needs for it,
    and an API key as its scope; None for a tool that reads nothing of anyone. `timeout`: of one attempt.

    `summarize`: of a tool that changes something, for the user who approves the call. `title`: what it does, in a few
    words that no argument is in.
    """

    name: str
    description: str
    parameters: Mapping[str, object]
    category: ToolCategory
    scope: Permission | None = None
    summarize: Summary | None = None
    title: str | None = None
    version: str = "1.0.0"
    is_deprecated: bool = False
    timeout: timedelta = timedelta(seconds=30)
    max_result_bytes: int = MAX_RESULT_BYTES

    @property
    def changes(self) -> bool:
        """Whether it changes something, so that a model may have it run only after an approval."""
        return self.category is ToolCategory.CHANGE

    @property
    def is_idempotent(self) -> bool:
        """Whether it may run twice. The user may undo a change between two attempts, which the second would redo."""
        return not self.changes

    @property
    def attempts(self) -> int:
        """How often a call is tried."""
        return ATTEMPTS if self.is_idempotent else 1

    def summary(self, arguments: Arguments) -> str:
        """Return our own sentence for a call with these arguments, which fit the schema."""
        return self.summarize(arguments) if self.summarize else self.description


class ToolRegistry:
    """Tools by name. Raises ValueError for two of one name."""

    def __init__(self, definitions: Iterable[ToolDefinition]) -> None:
        listed = sorted(definitions, key=lambda definition: definition.name)
        self._by_name = {definition.name: definition for definition in listed}
        if len(self._by_name) != len(listed):
            raise ValueError("two tools have one name")

    def find(self, name: str) -> ToolDefinition | None:
        """Return the tool with this name, deprecated or not."""
        return self._by_name.get(name)

    def list_tools(
        self, *, category: ToolCategory | None = None, include_deprecated: bool = False
    ) -> Sequence[ToolDefinition]:
        """Return tools by name: those of one category, or all."""
        return [
            tool
            for tool in self._by_name.values()
            if (category is None or tool.category is category) and (include_deprecated or not tool.is_deprecated)
        ]
